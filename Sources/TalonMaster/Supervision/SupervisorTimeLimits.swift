import TalonPlatform

/// The time limit of a request, where other requests of the same worker may go on.
extension SupervisorStateMachine {
    /// Another worker takes its place at once; this one breaks off what is stuck and finishes the rest, within the time
    /// of a stop.
    mutating func abortOverdue(_ slot: Int, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard let worker = workers[slot], worker.isServing, worker.abortedAt == nil else { return }
        workers[slot]?.abortedAt = now
        workers[slot]?.order(.timeout)
        workers[slot]?.stage = .stopping(killAt: now + limits.graceful)
        actions.append(
            .log(.critical, "WORKER TIMEOUT (pid:\(worker.pid ?? 0)): a request is over its time limit"))
        actions.append(.markAborting(slot: slot))
        actions.append(.signal(slot: slot, .abort))
    }
}

extension SupervisorStateMachine.Worker {
    /// It was told to abort and does not: its loop has not turned since then for a second, or, if it did, turns no more.
    /// Leaving takes some time too, in which it does not.
    func isStuck(heartbeat: UInt64, _ now: UInt64) -> Bool {
        guard let abortedAt else { return false }
        let beat = min(heartbeat, now)  // a worker can write anything there
        return beat > abortedAt
            ? now - beat >= 3 * nanosecondsPerSecond : now >= abortedAt + nanosecondsPerSecond
    }
}
