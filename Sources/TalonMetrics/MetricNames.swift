/// What Prometheus accepts as a name.
///
/// Anything else would make a whole scrape unreadable, so it is kept out early.
package enum MetricNames {
    /// Whether it is `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    package static func isMetric(_ name: String) -> Bool {
        isName(name.utf8, colons: true)
    }

    /// Whether it is `[a-zA-Z_][a-zA-Z0-9_]*`.
    package static func isLabel(_ name: String) -> Bool {
        isLabel(name.utf8)
    }

    /// The same of a name that is not a text yet.
    static func isLabel(_ name: some Sequence<UInt8>) -> Bool {
        isName(name, colons: false)
    }

    private static func isName(_ name: some Sequence<UInt8>, colons: Bool) -> Bool {
        var first = true
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !first:
                break
            case UInt8(ascii: ":") where colons:
                break
            default:
                return false
            }
            first = false
        }
        return !first
    }
}
