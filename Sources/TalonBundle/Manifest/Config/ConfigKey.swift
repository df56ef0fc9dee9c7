import TalonPlatform
import TalonYAML

/// What a manifest says of one setting of the plugin.
package struct ConfigKey: Equatable, Sendable {
    package let name: String
    package let type: ConfigType
    /// It must be set; there is no default.
    package let isRequired: Bool
    /// Its value in messages and lists is nobody's business.
    package let isSecret: Bool
    /// What it is for; may be empty.
    package let help: String
    /// As the plugin gets it.
    package var defaultText: String? { defaultValue?.text }
    /// As the plugin gets them; empty if any value will do.
    package var choiceTexts: [String] { choices.map(\.text) }

    let defaultValue: ConfigValue?
    private let minimum: ConfigValue?
    private let maximum: ConfigValue?
    private let choices: [ConfigValue]
    /// Of the setting in the manifest.
    let place: YAMLPlace

    private static let fields = [
        "type", "required", "default", "minimum", "maximum", "choices", "help", "secret",
    ]

    init(_ name: String, _ field: YAMLField) throws(YAMLError) {
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        let isName = name.utf8.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "_-.".utf8.contains($0)
        }
        guard isName, let first = name.utf8.first, isLetter(first), name.utf8.count <= 100 else {
            throw field.place.error("is no name of a setting; use letters, digits, '_', '-' and '.', a letter first")
        }
        let fields = try field.fields(ConfigKey.fields)
        self.name = name
        place = field.place
        let type = try fields.required("type", "use one of string, integer, number, boolean")
            .choice(ConfigType.allCases.map(\.rawValue))
        self.type = ConfigType(rawValue: type) ?? .string
        isRequired = try fields["required"]?.flag() ?? false
        isSecret = try fields["secret"]?.flag() ?? false
        help = try fields["help"]?.text() ?? ""
        minimum = try ConfigKey.bound(fields["minimum"], self.type)
        maximum = try ConfigKey.bound(fields["maximum"], self.type)
        choices = try ConfigKey.choices(fields["choices"], self.type)
        if let minimum, let maximum, maximum < minimum, let field = fields["maximum"] {
            throw field.place.error("is less than the minimum \(minimum.text); exchange them")
        }
        guard let given = fields["default"] else {
            defaultValue = nil
            return
        }
        guard !isRequired else {
            throw given.place.error("is never used, because the setting is required; leave one of the two out")
        }
        let value = try ConfigValue(try given.text("a value"), self.type, at: given.place)
        defaultValue = value
        try check(value, given.place)
    }

    /// Reads a value that a user gave, and checks it.
    func value(_ text: String, at place: YAMLPlace) throws(YAMLError) -> ConfigValue {
        let value = try ConfigValue(text, type, at: place)
        try check(value, place)
        return value
    }

    private func check(_ value: ConfigValue, _ place: YAMLPlace) throws(YAMLError) {
        if let minimum, value < minimum {
            throw place.error("\(place.found(value.text)); the minimum is \(minimum.text)")
        }
        if let maximum, maximum < value {
            throw place.error("\(place.found(value.text)); the maximum is \(maximum.text)")
        }
        guard choices.isEmpty || choices.contains(value) else {
            let words = choices.map(\.text)
            let hint = place.isSecret ? "" : NearMiss.hint(value.text, among: words)
            throw place.error("\(place.found(value.text)); use one of \(words.joined(separator: ", "))\(hint)")
        }
    }

    private static func bound(_ field: YAMLField?, _ type: ConfigType) throws(YAMLError) -> ConfigValue? {
        guard let field else { return nil }
        guard type.hasRange else {
            throw field.place.error("is for integers and numbers, and this is a \(type.rawValue); leave it out")
        }
        return try ConfigValue(try field.text("a number"), type, at: field.place)
    }

    private static func choices(_ field: YAMLField?, _ type: ConfigType) throws(YAMLError) -> [ConfigValue] {
        guard let field else { return [] }
        var choices: [ConfigValue] = []
        for element in try field.list(of: "values") {
            choices.append(try ConfigValue(try element.text("a value"), type, at: element.place))
        }
        guard !choices.isEmpty else { throw field.place.error("is empty; write at least one value, or leave it out") }
        return choices
    }
}
