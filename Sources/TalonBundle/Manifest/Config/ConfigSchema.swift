import TalonHooks
import TalonPlatform
package import TalonYAML

/// A setting that somebody gave a plugin.
package struct GivenSetting: Equatable, Sendable {
    package var key: String
    package var value: String
    /// In the text that it comes from.
    package var line: Int

    package init(key: String, value: String, line: Int) {
        self.key = key
        self.value = value
        self.line = line
    }
}

/// A setting's value, and where it was given: in an entry, or as the default in the manifest.
struct ResolvedSetting {
    let key: String
    let value: String
    let place: YAMLPlace
}

/// The settings that a plugin knows.
package struct ConfigSchema: Equatable, Sendable {
    /// In the order of the manifest.
    package let keys: [ConfigKey]

    /// A plugin without settings.
    static let empty = ConfigSchema(keys: [])

    private init(keys: [ConfigKey]) {
        self.keys = keys
    }

    init(_ field: YAMLField) throws(YAMLError) {
        var keys: [ConfigKey] = []
        for (name, inner) in try field.mapping(of: "settings", isLimited: true) {
            keys.append(try ConfigKey(name, inner))
        }
        self.init(keys: keys)
    }

    package func key(_ name: String) -> ConfigKey? { keys.first { $0.name == name } }

    /// The value of each setting that has one, by name: what was given, checked, and else its default.
    ///
    /// `file` and `line` are those of the entry that gave them, for messages.
    package func resolve(
        _ given: [GivenSetting], file: String, line: Int
    ) throws(YAMLError) -> [(key: String, value: String)] {
        try settings(given, YAMLPlace(file: file, line: line, field: "config")).map { ($0.key, $0.value) }
    }

    /// `place` is that of the entry that gave them, or of the manifest if there is none.
    func settings(_ given: [GivenSetting], _ place: YAMLPlace) throws(YAMLError) -> [ResolvedSetting] {
        var settings: [ResolvedSetting] = []
        for setting in given {
            var here = YAMLPlace(file: place.file, line: setting.line, field: "config.\(setting.key)")
            guard let key = key(setting.key) else { throw unknown(setting.key, here) }
            here.isSecret = key.isSecret
            let value = try key.value(setting.value, at: here)
            settings.append(ResolvedSetting(key: key.name, value: value.text, place: here))
        }
        for key in keys where !given.contains(where: { $0.key == key.name }) {
            if let value = key.defaultValue {
                settings.append(ResolvedSetting(key: key.name, value: value.text, place: key.place))
            } else if key.isRequired {
                var missing = place
                missing.field = "config.\(key.name)"
                throw missing.error("is required and is not set; set it in the plugin's entry of `plugins`")
            }
        }
        return settings.sorted { $0.key < $1.key }
    }

    /// Whether an argument of type `type` may take the setting `name`.
    func checkUse(of name: String, as type: CallType, at place: YAMLPlace) throws(YAMLError) {
        guard !name.isEmpty else { throw place.error("config names no setting; write \"TYPE config KEY\"") }
        guard let key = key(name) else {
            let known = keys.map(\.name)
            let hint = NearMiss.hint(name, among: known, else: "; declare it under config")
            throw place.error("\(quoted(name)) is no setting of this plugin\(hint)")
        }
        guard key.type.callTypes.contains(type) else {
            let types = key.type.callTypes.map(\.rawValue).joined(separator: ", ")
            throw place.error(
                "the setting \(quoted(name)) is of type \(key.type.rawValue), not for \(type.rawValue); use \(types)")
        }
        guard let value = key.defaultValue else {
            guard key.isRequired else {
                throw place.error("the setting \(quoted(name)) may have no value; give it a default, or require it")
            }
            return
        }
        var here = place
        here.isSecret = key.isSecret
        do {
            _ = try ConstantText.source(value.text, as: type, at: here)
        } catch {
            throw place.error("the default of the setting \(quoted(name)) \(error.reason)")
        }
    }

    private func unknown(_ name: String, _ place: YAMLPlace) -> YAMLError {
        let known = keys.map(\.name)
        guard !known.isEmpty else {
            return place.error("the plugin's manifest declares no settings; leave it out, or declare it under config")
        }
        let hint = NearMiss.hint(name, among: known, else: "; use " + known.joined(separator: ", "))
        return place.error("is no setting of this plugin\(hint)")
    }
}
