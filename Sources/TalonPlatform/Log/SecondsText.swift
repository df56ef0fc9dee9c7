/// Durations as logs show them.
package enum SecondsText {
    /// "31.204", of two times in nanoseconds; "0.000" if the second is not later.
    package static func between(_ earlier: UInt64, _ later: UInt64) -> String {
        let milliseconds = (later - min(later, earlier)) / 1_000_000
        let rest = "\(milliseconds % 1000)"
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
