/// Numbers for people.
extension ControlText {
    /// Seconds: "0.42 s", "3m 7s", "2h 5m", "4d 1h".
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "-" }
        if seconds < 60 { return "\(rounded(seconds, seconds < 10 ? 2 : 0)) s" }
        let whole = Int(seconds)
        switch whole {
        case ..<3600: return "\(whole / 60)m \(whole % 60)s"
        case ..<86400: return "\(whole / 3600)h \(whole % 3600 / 60)m"
        default: return "\(whole / 86400)d \(whole % 86400 / 3600)h"
        }
    }

    /// Bytes: "31.4 MiB".
    static func size(_ bytes: Double?) -> String {
        guard var value = bytes, value.isFinite else { return "-" }
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1000 { return "\(rounded(value, unit == "B" ? 0 : 1)) \(unit)" }
            value /= 1024
        }
        return "\(rounded(value, 1)) TiB"
    }

    /// With so many places behind the point.
    static func rounded(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let whole = Int((value * Double(scale)).rounded())
        guard places > 0 else { return "\(whole)" }
        let fraction = "\(abs(whole) % scale)"
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(whole < 0 ? "-" : "")\(abs(whole) / scale).\(zeros)\(fraction)"
    }

    /// Without what a terminal would obey.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension String {
    /// With spaces behind it, at least `width` characters long.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
