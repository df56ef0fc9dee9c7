import CTalonPlatform
import Glibc

/// Times as nanoseconds.
package enum MonotonicClock {
    /// CLOCK_MONOTONIC: for limits and durations.
    @inline(__always)
    package static func now() -> UInt64 {
        read(CLOCK_MONOTONIC)
    }

    /// CLOCK_REALTIME: unix time, for what is shown or stored.
    package static func unixTime() -> UInt64 {
        read(CLOCK_REALTIME)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// Nanoseconds in one second.
package let nanosecondsPerSecond: UInt64 = 1_000_000_000
