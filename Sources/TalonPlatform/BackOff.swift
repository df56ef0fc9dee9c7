/// How long to wait before something that failed is tried again.
package enum BackOff {
    /// Nanoseconds: a tenth of a second after the first failure, then twice as long each time, at most 30 seconds.
    package static func delay(failures: Int) -> UInt64 {
        min(100_000_000 << UInt64(min(max(failures, 0), 20)), 30 * nanosecondsPerSecond)
    }
}
