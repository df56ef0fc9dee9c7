/// A value of a command's `--json` output.
indirect enum JSON: Sendable {
    case null
    case truth(Bool)
    case number(Int)
    case text(String)
    case list([JSON])
    /// Names in order.
    case object([(name: String, value: JSON)])

    /// On one line; RFC 8259. It is YAML too: what ends a line there, or is not allowed, is escaped.
    var encoded: String {
        switch self {
        case .null: "null"
        case .truth(let truth): truth ? "true" : "false"
        case .number(let number): "\(number)"
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
    static func texts(_ texts: [String]) -> JSON { .list(texts.map { .text($0) }) }

    static func optional(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }
}
