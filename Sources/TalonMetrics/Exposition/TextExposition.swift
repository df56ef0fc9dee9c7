/// The Prometheus text format, version 0.0.4.
package enum TextExposition {
    /// What goes into the `Content-Type` header.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The families as text: one HELP and one TYPE each, sorted by name, labels sorted by name.
    ///
    /// Families of one name are joined first (``MetricFamily/merge(_:)``). A family without samples is left out, and
    /// so is one whose name is in `excluded` (exposed names). A counter named without `_total` is given it.
    package static func render(_ families: [MetricFamily], excluding excluded: Set<String> = []) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(families.reduce(0) { $0 + 256 + 128 * $1.samples.count })
        for family in MetricFamily.merge(families) {
            let missing = family.type == .counter && !family.name.hasSuffix("_total") ? "_total" : ""
            let name = family.name + missing
            guard !family.samples.isEmpty, !excluded.contains(name), !excluded.contains(family.name) else { continue }
            output.append(contentsOf: "# HELP ".utf8)
            output.append(contentsOf: name.utf8)
            output.append(UInt8(ascii: " "))
            appendEscaped(family.help, quotes: false, to: &output)
            output.append(contentsOf: "\n# TYPE ".utf8)
            output.append(contentsOf: name.utf8)
            output.append(UInt8(ascii: " "))
            output.append(contentsOf: (family.type == .info ? .gauge : family.type).rawValue.utf8)
            output.append(UInt8(ascii: "\n"))
            if missing.isEmpty, let lines = family.lines {
                for index in family.samples.indices {
                    lines.appendStart(of: index, to: &output)
                    appendEnd(family.samples[index].value, to: &output)
                }
            } else {
                for sample in family.samples {
                    let suffix = missing.isEmpty || sample.name.hasSuffix("_total") ? "" : missing
                    appendSeries(suffix.isEmpty ? sample.name : sample.name + suffix, sample.labels, to: &output)
                    appendEnd(sample.value, to: &output)
                }
            }
        }
        return output
    }

    /// A name, the labels if there are any, and the space before the value; OpenMetrics writes them alike.
    static func appendSeries(_ name: String, _ labels: [Label], to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        if !labels.isEmpty { appendLabels(labels, to: &output) }
        output.append(UInt8(ascii: " "))
    }

    /// The labels in braces.
    static func appendLabels(_ labels: [Label], to output: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for label in labels {
            output.append(separator)
            separator = UInt8(ascii: ",")
            output.append(contentsOf: label.name.utf8)
            output.append(contentsOf: "=\"".utf8)
            appendEscaped(label.value, quotes: true, to: &output)
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func appendEnd(_ value: Double, to output: inout [UInt8]) {
        FloatFormat.appendGo(value, to: &output)
        output.append(UInt8(ascii: "\n"))
    }

    /// Also what OpenMetrics does to texts, where a help has its quotes escaped too.
    static func appendEscaped(_ text: String, quotes: Bool, to output: inout [UInt8]) {
        // Nearly no text has anything to escape, and copying it whole is several times faster.
        var text = text
        let isPlain = text.withUTF8 { bytes in
            !bytes.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"") }
        }
        guard !isPlain else { return output.append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"):
                output.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"):
                output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes:
                output.append(contentsOf: "\\\"".utf8)
            default:
                output.append(byte)
            }
        }
    }
}
