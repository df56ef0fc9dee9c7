/// A JSON value; RFC 8259.
package indirect enum JSON: Sendable {
    case null
    case truth(Bool)
    case number(Int)
    /// A number that is no `Int`. One that is not finite is written as null.
    case real(Double)
    case text(String)
    case list([JSON])
    /// Names in order.
    case object([(name: String, value: JSON)])

    /// On one line. It is YAML too: what ends a line there, or is not allowed, is escaped.
    package var encoded: String {
        switch self {
        case .null: "null"
        case .truth(let truth): truth ? "true" : "false"
        case .number(let number): "\(number)"
        case .real(let number): number.isFinite ? "\(number)" : "null"
        case .text(let text): JSON.quoted(text)
        case .list(let values): "[" + values.map(\.encoded).joined(separator: ", ") + "]"
        case .object(let fields):
            "{" + fields.map { "\(JSON.quoted($0.name)): \($0.value.encoded)" }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _
            where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
                || [0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff].contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSON {
    package static func texts(_ texts: [String]) -> JSON { .list(texts.map { .text($0) }) }

    package static func optional(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }
}

/// What a value is, for those who read one: nil if it is something else.
extension JSON {
    /// The field of that name; the last one, if there are several.
    package subscript(name: String) -> JSON? { fields?.last { $0.name == name }?.value }

    package var fields: [(name: String, value: JSON)]? {
        if case .object(let fields) = self { fields } else { nil }
    }

    package var elements: [JSON]? {
        if case .list(let elements) = self { elements } else { nil }
    }

    package var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    package var integer: Int? {
        if case .number(let number) = self { number } else { nil }
    }

    package var double: Double? {
        switch self {
        case .number(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }

    package var isTrue: Bool {
        if case .truth(true) = self { true } else { false }
    }
}
