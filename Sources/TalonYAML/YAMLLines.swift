/// The lines of a text as YAML counts them.
package enum YAMLLines {
    /// Each with its end.
    package static func split(_ text: String) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if isEnd(previous), !(previous == "\r" && scalar == "\n") {
                lines.append(String(line))
                line.removeAll()
            }
            line.append(scalar)
            previous = scalar
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines
    }

    /// At least 1: a text without anything has a first line too.
    package static func count(_ text: String) -> Int {
        var count = 0
        var previous: Unicode.Scalar = "\n"
        for scalar in text.unicodeScalars {
            if isEnd(previous), !(previous == "\r" && scalar == "\n") { count += 1 }
            previous = scalar
        }
        return max(count, 1)
    }

    package static func isEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
