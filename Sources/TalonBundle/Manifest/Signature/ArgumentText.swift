import TalonHooks
import TalonPlatform
import TalonYAML

/// One argument of a hook in a manifest: "i32 const 0", "cstr config path", "u64 request.bytes", "ptr call".
struct HookArgument: Equatable, Sendable {
    enum Source: Equatable, Sendable {
        case known(CallSignature.Source)
        /// A setting of the plugin, whose value is known when the plugin is configured.
        case setting(String)
    }

    let type: CallType
    let source: Source
    let place: YAMLPlace

    init(_ field: YAMLField, at point: HookPoint, _ schema: ConfigSchema) throws(YAMLError) {
        place = field.place
        let text = try field.words("\"TYPE const VALUE\", \"TYPE config KEY\" or \"TYPE FACT\"")
        var rest = text[...]
        type = try CallType(signature: HookArgument.word(&rest), at: place)
        guard type != .void else { throw place.error("an argument cannot be void; leave it out") }
        let word = HookArgument.word(&rest)
        switch word {
        case "const":
            // One blank ends the word; all that follows is the value.
            source = .known(try ConstantText.source(String(rest.dropFirst()), as: type, at: place))
        case "config":
            let key = HookArgument.word(&rest)
            try schema.checkUse(of: key, as: type, at: place)
            source = .setting(key)
        case "call":
            guard type == .ptr else { throw place.error("call is a ptr, not \(type.rawValue); write \"ptr call\"") }
            source = .known(.call)
        case "":
            throw place.error("\(quoted(text)) has a type only; add const VALUE, config KEY or a fact")
        default:
            source = .known(.fact(try HookArgument.fact(word, as: type, at: point, place)))
        }
        guard word == "const" || rest.allSatisfy({ $0 == " " }) else {
            throw place.error(
                "\(quoted(text)) has more after \(quoted(String(text[..<rest.startIndex]))); leave it out")
        }
    }

    private static func word(_ rest: inout Substring) -> String {
        rest = rest.drop { $0 == " " }
        let word = rest.prefix { $0 != " " }
        rest = rest[word.endIndex...]
        return String(word)
    }

    private static func fact(
        _ name: String, as type: CallType, at point: HookPoint, _ place: YAMLPlace
    ) throws(YAMLError) -> Fact {
        guard let fact = Fact(rawValue: name) else {
            let names = ["const", "config", "call"] + Fact.allCases.map(\.rawValue)
            let group = name.prefix { $0 != "." } + "."
            let family = names.filter { $0.hasPrefix(group) }
            let help =
                family.isEmpty
                ? "; use const VALUE, config KEY or a fact such as server.pid"
                : "; use one of " + family.joined(separator: ", ")
            let hint = NearMiss.hint(name, among: names, else: help)
            throw place.error("\(quoted(name)) is no source of a value\(hint)")
        }
        guard fact.isAvailable(at: point) else {
            let points = HookPoint.allCases.filter { fact.isAvailable(at: $0) }.map(\.name)
            throw place.error(
                "\(name) is not available at \(point.name); it is at \(points.joined(separator: ", "))")
        }
        guard fact.type.fits(type) else {
            let wider = CallType.allCases.filter { fact.type.fits($0) }.map(\.rawValue).joined(separator: ", ")
            throw place.error(
                "\(name) is \(fact.type.rawValue), which not every \(type.rawValue) can hold; use \(wider)")
        }
        return fact
    }
}

extension CallType {
    /// The type of that name in a signature.
    init(signature name: String, at place: YAMLPlace) throws(YAMLError) {
        if let type = CallType(rawValue: name) {
            self = type
            return
        }
        let names = CallType.allCases.map(\.rawValue)
        let help = "; use one of " + names.joined(separator: ", ")
        let hint = NearMiss.hint(CallType.namesInC[name] ?? name, among: names, else: help)
        throw place.error("\(quoted(name)) is no type\(hint)")
    }

    /// What one of C's own names most likely stands for, on the machines that Talon runs on.
    private static let namesInC: [String: String] = [
        "int": "i32", "unsigned": "u32", "long": "i64", "size_t": "u64", "ssize_t": "i64", "char*": "cstr",
        "string": "cstr", "float": "f32", "double": "f64", "int8_t": "i8", "int16_t": "i16", "int32_t": "i32",
        "int64_t": "i64", "uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64", "pointer": "ptr",
        "void*": "ptr", "char": "i8", "short": "i16", "boolean": "bool",
    ]

    /// Whether every value of this type is one of `wider` too.
    func fits(_ wider: CallType) -> Bool {
        if self == wider { return true }
        switch wider {
        // A double holds every whole number of 32 bits.
        case .f64: return [.i8, .i16, .i32, .u8, .u16, .u32, .f32].contains(self)
        case .f32: return [.i8, .i16, .u8, .u16].contains(self)
        case .cstr, .str: return self == .cstr || self == .str
        default:
            guard let own = integerRange, let other = wider.integerRange else { return false }
            return other.lower <= own.lower && own.upper <= other.upper
        }
    }
}
