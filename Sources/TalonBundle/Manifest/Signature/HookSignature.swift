import TalonHooks
import TalonPlatform
import TalonYAML

/// How a hook of a manifest is called, checked, but for the values of settings.
struct HookSignature: Equatable, Sendable {
    let result: CallSignature.Result
    let arguments: [HookArgument]

    init(returns: YAMLField, arguments: YAMLField?, at point: HookPoint, _ schema: ConfigSchema)
        throws(YAMLError)
    {
        result = try HookSignature.result(returns)
        let fields = try arguments?.list(of: "arguments") ?? []
        if let arguments, fields.count > CallSignature.argumentLimit {
            throw arguments.place.error("has \(fields.count) arguments; \(CallSignature.argumentLimit) are allowed")
        }
        var list: [HookArgument] = []
        for field in fields { list.append(try HookArgument(field, at: point, schema)) }
        self.arguments = list
    }

    /// The signature, with the settings' values in place.
    ///
    /// `settings`: each setting's value, and where it was given.
    func resolved(_ settings: [String: ResolvedSetting]) throws(YAMLError) -> CallSignature {
        var list: [CallSignature.Argument] = []
        for argument in arguments {
            switch argument.source {
            case .known(let source): list.append(.init(argument.type, source))
            case .setting(let key):
                guard let setting = settings[key] else {
                    throw argument.place.error("the setting \(quoted(key)) has no value; give it a default")
                }
                let source = try ConstantText.source(setting.value, as: argument.type, at: setting.place)
                list.append(.init(argument.type, source))
            }
        }
        return CallSignature(result: result, arguments: list)
    }

    private static func result(_ field: YAMLField) throws(YAMLError) -> CallSignature.Result {
        let forms = "\"void\", \"i32 status\", \"i32 errno\", \"bool ok\" or \"TYPE ignore\""
        let text = try field.words(forms)
        let words = text.split(separator: " ").map(String.init)
        switch words {
        case ["void"]: return .void
        case ["i32", "status"]: return .status
        case ["i32", "errno"]: return .errno
        case ["bool", "ok"]: return .ok
        default: break
        }
        guard words.count == 2, let name = words.first, let meaning = words.last else {
            throw field.place.error("is \(quoted(text)); use \(forms)")
        }
        let type = try CallType(signature: name, at: field.place)
        switch meaning {
        case "ignore" where type == .void: throw field.place.error("is \(quoted(text)); write \"void\" alone")
        case "ignore": return .ignored(type)
        case "status", "errno", "ok":
            let right = meaning == "ok" ? "bool" : "i32"
            throw field.place.error("is \(quoted(text)); \(meaning) is \(right): write \"\(right) \(meaning)\"")
        default:
            let hint = NearMiss.hint(meaning, among: ["status", "errno", "ok", "ignore"])
            throw field.place.error("is \(quoted(text)); use \(forms)\(hint)")
        }
    }
}
