import TalonHooks
import TalonPlatform
import TalonYAML

/// The names of hook points.
extension YAMLField {
    func hookPoint() throws(YAMLError) -> HookPoint {
        try YAMLField.hookPoint(try text("a hook point"), place)
    }

    static func hookPoint(_ name: String, _ place: YAMLPlace) throws(YAMLError) -> HookPoint {
        if let point = HookPoint.allCases.first(where: { $0.name == name }) { return point }
        let names = HookPoint.allCases.map(\.name)
        let hint = NearMiss.hint(name, among: names, else: "; use one of " + names.joined(separator: ", "))
        throw place.error("\(quoted(name)) is no hook point\(hint)")
    }
}
