import TalonPlatform

/// Hooks may put off the start of a worker: how often they have, and until when.
struct ForkDenials: Sendable {
    private var count = 0
    private var reason: String?
    /// No worker is started before.
    private(set) var notBefore: UInt64 = 0

    private static let longest = 10 * nanosecondsPerSecond

    /// A worker that was to be started at `startedAt` was not. One line of the log for each reason.
    mutating func denied(_ startedAt: UInt64, _ reason: String, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        if self.reason != reason {
            self.reason = reason
            actions.append(.log(.warning, "A worker is started later: \(reason)"))
        }
        // Workers that were to be started together and were denied together are one denial.
        guard startedAt >= notBefore else { return }
        notBefore = now + min(BackOff.delay(failures: count), ForkDenials.longest)
        count += 1
    }

    /// One was started.
    mutating func allowed(_ startedAt: UInt64, _ actions: inout [SupervisorAction]) {
        guard reason != nil, startedAt >= notBefore else { return }
        self = ForkDenials()
        actions.append(.log(.info, "Workers are started again"))
    }
}
