/// A call of a hook in a runner, from its order to its outcome.
final class PendingCall {
    let point: HookPoint
    let facts: HookFacts
    /// How long it may take from when it is sent; nanoseconds.
    let limit: UInt64
    /// Performs what the plugin requests from inside the call.
    let request: (HostRequest) -> Int32
    /// Told the outcome, once; and how long it took in nanoseconds, nil if it never ran.
    let finished: (HookOutcome, UInt64?) -> Void

    init(
        _ point: HookPoint, _ facts: HookFacts, limit: UInt64, request: @escaping (HostRequest) -> Int32,
        finished: @escaping (HookOutcome, UInt64?) -> Void
    ) {
        self.point = point
        self.facts = facts
        self.limit = limit
        self.request = request
        self.finished = finished
    }
}

/// How many lines a runner may log: a plugin gone wrong must not fill the disk by way of the master.
struct LogQuota {
    static let linesPerSecond = 1000
    private var second: UInt64 = 0
    private var count = 0

    enum Verdict: Equatable {
        case write
        /// The first that is too many: worth a line that says so.
        case lastWord
        case drop
    }

    /// `now`: CLOCK_MONOTONIC, nanoseconds.
    mutating func take(now: UInt64) -> Verdict {
        let current = now / 1_000_000_000
        if current != second { (second, count) = (current, 0) }
        count += 1
        if count <= LogQuota.linesPerSecond { return .write }
        return count == LogQuota.linesPerSecond + 1 ? .lastWord : .drop
    }
}
