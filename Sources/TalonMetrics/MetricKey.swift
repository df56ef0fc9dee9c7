/// What identifies a series in a metric file: the JSON text `[metric name, sample name, {labels}, help]`.
struct MetricKey: Hashable, Sendable {
    /// Without `_total`.
    let metric: String
    let sample: String
    /// Sorted by name, each name once.
    let labels: [Label]
    let help: String

    /// The text, to the letter as Python's `json.dumps(…, sort_keys=True)` writes it: a writer that takes over a file
    /// finds its entries by it.
    var text: String {
        var output = "["
        Self.appendQuoted(metric, to: &output)
        output += ", "
        Self.appendQuoted(sample, to: &output)
        output += ", {"
        var separator = ""
        for label in labels {
            output += separator
            separator = ", "
            Self.appendQuoted(label.name, to: &output)
            output += ": "
            Self.appendQuoted(label.value, to: &output)
        }
        output += "}, "
        Self.appendQuoted(help, to: &output)
        output += "]"
        return output
    }

    private static func appendQuoted(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\u{8}": output += "\\b"
            case "\u{c}": output += "\\f"
            case " "..."~": output.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        output += "\""
    }
}
