import TalonPlatform

/// The failures of workers at boot in a row: when the next is tried, and whether it is.
struct BootBudget: Sendable {
    /// How often a server whose workers have never served tries again.
    let retries: Int
    /// In a row.
    private(set) var failures = 0
    /// No worker is started before.
    private(set) var notBefore: UInt64 = 0

    init(retries: Int) { self.retries = retries }

    enum Verdict: Equatable {
        /// It is one with an earlier failure, of workers that were started together.
        case known
        /// The next is tried after so many nanoseconds.
        case again(after: UInt64)
        /// There is no use in going on.
        case spent
    }

    /// A worker that was started at `startedAt` has failed to boot. A server that has served never gives up.
    mutating func failed(startedAt: UInt64, hasServed: Bool, now: UInt64) -> Verdict {
        guard startedAt >= notBefore else { return .known }
        let delay = BackOff.delay(failures: failures)
        failures += 1
        guard hasServed || failures <= retries else { return .spent }
        notBefore = now + delay
        return .again(after: delay)
    }

    /// One got ready.
    mutating func succeeded() { failures = 0 }

    /// What is to be started is new: what failed before says nothing of it.
    mutating func renew() { self = BootBudget(retries: retries) }
}
