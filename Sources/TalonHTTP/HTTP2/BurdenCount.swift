import TalonPlatform

/// How much of what costs us more than it a client has done of late (CVE-2023-44487, CVE-2019-9512 and its likes,
/// CVE-2025-8671). The numbers are gunicorn's; who only uses a site comes nowhere near.
struct BurdenCount {
    private static let window = 10 * nanosecondsPerSecond
    private static let mostResets = 200
    private static let mostControls = 1000

    private var windowEnd: UInt64 = 0
    private var resets = 0
    private var controls = 0

    /// True if that was one too many.
    mutating func add(_ burden: HTTP2Burden, at now: UInt64) -> Bool {
        if now >= windowEnd { (windowEnd, resets, controls) = (now + BurdenCount.window, 0, 0) }
        switch burden {
        case .reset: resets += 1
        case .control: controls += 1
        }
        return resets > BurdenCount.mostResets || controls > BurdenCount.mostControls
    }
}
