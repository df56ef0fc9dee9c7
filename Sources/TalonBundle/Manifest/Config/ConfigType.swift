import TalonHooks
import TalonYAML

/// What a setting of a plugin may be.
package enum ConfigType: String, CaseIterable, Sendable {
    case string
    case integer
    case number
    case boolean

    /// The types of arguments that a setting of this type may be passed as.
    var callTypes: [CallType] {
        switch self {
        case .string: [.cstr, .str]
        case .integer: [.i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64]
        case .number: [.f32, .f64]
        case .boolean: [.bool]
        }
    }

    var hasRange: Bool { self == .integer || self == .number }
}

/// A value of a setting.
struct ConfigValue: Equatable, Sendable {
    private enum Content: Equatable, Sendable {
        case text(String)
        case integer(Int64)
        case number(Double)
        case flag(Bool)
    }

    private let content: Content
    /// As the plugin gets it: integers in decimal, "true" or "false".
    let text: String

    /// Reads a text as a value of that type.
    init(_ text: String, _ type: ConfigType, at place: YAMLPlace) throws(YAMLError) {
        switch type {
        case .string:
            content = .text(text)
            self.text = text
        case .integer:
            guard let integer = ConstantText.integer(text) else {
                throw place.error("\(place.found(text)), which is no integer; write a whole number")
            }
            guard let integer = Int64(exactly: integer) else {
                throw place.error("\(place.found(text)), which is no integer of 64 bits; write a smaller number")
            }
            content = .integer(integer)
            self.text = String(integer)
        case .number:
            guard let number = ConstantText.number(text) else {
                throw place.error("\(place.found(text)), which is no number; write one such as 1.5")
            }
            content = .number(number)
            self.text = text
        case .boolean:
            guard let flag = YAMLField.flag(text) else {
                throw place.error("\(place.found(text)), which is no boolean; use true or false")
            }
            content = .flag(flag)
            self.text = flag ? "true" : "false"
        }
    }

    /// Only values of one type are compared.
    static func < (left: ConfigValue, right: ConfigValue) -> Bool {
        switch (left.content, right.content) {
        case (.integer(let left), .integer(let right)): left < right
        case (.number(let left), .number(let right)): left < right
        default: false
        }
    }

    static func == (left: ConfigValue, right: ConfigValue) -> Bool { left.content == right.content }
}
