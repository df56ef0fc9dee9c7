/// A page in the text format of Prometheus.
package struct MetricsPage: Sendable {
    package struct Sample: Sendable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    package private(set) var samples: [Sample] = []
    package private(set) var types: [String: String] = [:]
    package private(set) var helps: [String: String] = [:]

    /// Throws at the first line that is none of the format.
    package init(_ text: String) throws {
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                let parts = line.split(separator: " ", maxSplits: 3)
                guard parts.count >= 3 else { continue }
                let rest = parts.count > 3 ? String(parts[3]) : ""
                if parts[1] == "TYPE" { types[String(parts[2])] = rest }
                if parts[1] == "HELP" { helps[String(parts[2])] = rest }
            } else {
                samples.append(try SampleParser.parse(line))
            }
        }
    }

    /// The samples of this name that have these labels, and perhaps others.
    package func all(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
    }

    /// The value of the one sample that has these labels; nil if there is none or more than one.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = all(name, labels)
        return found.count == 1 ? found[0].value : nil
    }

    /// The sum over all samples that have these labels; 0 if there is none.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        all(name, labels).reduce(0) { $0 + $1.value }
    }
}

private enum SampleParser {
    static func parse(_ line: Substring) throws -> MetricsPage.Sample {
        let nameEnd = line.firstIndex { $0 == "{" || $0 == " " } ?? line.endIndex
        var rest = line[nameEnd...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                guard let equals = rest.firstIndex(of: "="), rest[equals...].dropFirst().first == "\"" else {
                    throw TestFailure("metrics: not a sample: \(line)")
                }
                let label = String(rest[..<equals])
                rest = rest[equals...].dropFirst(2)
                labels[label] = try quoted(&rest, line)
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard let text = rest.split(separator: " ").first, let value = number(text) else {
            throw TestFailure("metrics: not a sample: \(line)")
        }
        return MetricsPage.Sample(name: String(line[..<nameEnd]), labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring, _ line: Substring) throws -> String {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                let escaped = rest.popFirst()
                value.append(escaped == "n" ? "\n" : escaped ?? "\\")
            default: value.append(character)
            }
        }
        throw TestFailure("metrics: a label without an end: \(line)")
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}
