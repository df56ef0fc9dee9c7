/// One element of an `Accept` header: a type, its parameters, and how much it is wanted.
///
/// RFC 9110 §12.5.1 and §12.4.2. The header may be anything: what is not a range is left out.
struct MediaRange {
    /// In lower case.
    private let type: Substring
    private let subtype: Substring
    /// Without `q`; names in lower case.
    private let parameters: [(name: String, value: String)]
    /// Thousandths, 0 to 1000; 0 refuses.
    let weight: Int

    /// The ranges of a header, in its order.
    static func parse(_ header: String) -> [MediaRange] {
        split(header, at: ",").compactMap(MediaRange.init)
    }

    private init?(_ text: String) {
        let parts = Self.split(text, at: ";")
        guard let range = parts.first?.lowercased() else { return nil }
        let names = range.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty, names[0] != "*" || names[1] == "*" else {
            return nil
        }
        (type, subtype) = (names[0], names[1])
        var parameters: [(name: String, value: String)] = []
        var weight: Int? = 1000
        for part in parts.dropFirst() where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let name = part[..<equals].lowercased()
            let value = Self.unquoted(part[part.index(after: equals)...])
            if name == "q" { weight = Self.weight(value) } else { parameters.append((name, value)) }
        }
        guard let weight else { return nil }
        self.parameters = parameters
        self.weight = weight
    }

    /// Whether it names a type and no wildcard.
    var isNamed: Bool { subtype != "*" }

    /// The more, the closer it describes what it admits.
    var specificity: Int {
        type == "*" ? 0 : subtype == "*" ? 1 : 2 + parameters.count
    }

    /// Whether a response in this format is one of those it means.
    ///
    /// No wildcard means protobuf, which only a program that names it can read. Of the parameters only those count that tell formats apart: what Prometheus adds beside (`escaping`) is about
    /// names that Talon does not have.
    func admits(_ format: ExpositionFormat) -> Bool {
        let (formatType, formatSubtype) =
            switch format {
            case .protobuf: ("application", "vnd.google.protobuf")
            case .openMetrics, .openMetrics001: ("application", "openmetrics-text")
            case .text: ("text", "plain")
            }
        guard isNamed else { return format != .protobuf && (type == "*" || type == formatType) }
        guard type == formatType, subtype == formatSubtype else { return false }
        return switch format {
        case .protobuf:
            value(of: "proto") == "io.prometheus.client.MetricFamily" && value(of: "encoding") == "delimited"
        case .openMetrics: value(of: "version") ?? "1.0.0" == "1.0.0"
        case .openMetrics001: value(of: "version") ?? "0.0.1" == "0.0.1"
        case .text: value(of: "version") ?? "0.0.4" == "0.0.4"
        }
    }

    private func value(of name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// `0`, `1`, or with up to three decimals; nil for what is no weight.
    private static func weight(_ text: String) -> Int? {
        let digits = text.utf8
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits.dropFirst().first == UInt8(ascii: "."),
            digits.dropFirst(2).allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        let decimals = Int(String(text.dropFirst(2)).padding(to: 3)) ?? 0
        let weight = (first == UInt8(ascii: "1") ? 1000 : 0) + decimals
        return weight <= 1000 ? weight : nil
    }

    /// The parts between separators that are outside quotes, without white space around them.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts: [String] = []
        var part = ""
        var quoted = false
        var escaped = false
        for character in text {
            if escaped {
                escaped = false
            } else if quoted, character == "\\" {
                escaped = true
            } else if character == "\"" {
                quoted.toggle()
            } else if !quoted, character == separator {
                parts.append(part.trimmed)
                part = ""
                continue
            }
            part.append(character)
        }
        return parts + [part.trimmed]
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return String(text) }
        var result = ""
        var escaped = false
        for character in text.dropFirst().dropLast() {
            if !escaped, character == "\\" {
                escaped = true
                continue
            }
            escaped = false
            result.append(character)
        }
        return result
    }
}

extension String {
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        return String(start[..<(start.lastIndex { !isBlank($0) }.map(start.index(after:)) ?? start.startIndex)])
    }

    fileprivate func padding(to length: Int) -> String {
        self + String(repeating: "0", count: max(length - count, 0))
    }
}
