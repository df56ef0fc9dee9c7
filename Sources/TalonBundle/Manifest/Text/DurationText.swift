import TalonYAML

/// A time span as a manifest writes it: "250 ms", "5 s", "2 min", or a plain number of seconds.
enum DurationText {
    private static let help = "write a time such as 250 ms, 5 s or 2 min"
    /// In nanoseconds: ten minutes.
    static let limit: UInt64 = 600_000_000_000

    /// In nanoseconds: more than 0, at most ten minutes.
    static func nanoseconds(_ field: YAMLField) throws(YAMLError) -> UInt64 {
        let text = try field.text("a time such as 250 ms, 5 s or 2 min")
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit: UInt128
        switch text.dropFirst(number.count).drop(while: { $0 == " " }) {
        case "ms": unit = 1_000_000
        case "s", "": unit = 1_000_000_000
        case "min": unit = 60_000_000_000
        default: throw field.place.error("is \(quoted(text)); \(help)")
        }
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        // Nanoseconds are the ninth digit behind the point.
        guard let first = parts.first, first.count <= 18, let whole = UInt128(first), fraction.count <= 9,
            let digits = UInt128(fraction)
        else { throw field.place.error("is \(quoted(text)); \(help)") }
        let scale = repeatElement(UInt128(10), count: fraction.count).reduce(1, *)
        let time = whole * unit + digits * unit / scale
        guard time <= limit else { throw field.place.error("is \(quoted(text)); at most 10 min are allowed") }
        guard time > 0 else { throw field.place.error("is \(quoted(text)); write more than 0") }
        return UInt64(time)
    }
}
