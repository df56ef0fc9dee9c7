import TalonPlatform

/// What the workers leave behind: processes of the application that outlive the worker which started them.
///
/// The master is a subreaper, so they become its children. While the server lives they do too, and their end is nobody's
/// matter; when it stops they are ended.
extension Master {
    private static let leaveTime = 5 * nanosecondsPerSecond
    /// Nothing survives KILL but what the kernel holds, or what belongs to another user.
    private static let killTime = nanosecondsPerSecond

    /// Sends TERM to each, and KILL 5 s later; INT or QUIT, to the master, is KILL at once. Only to children: theirs
    /// come up when they end.
    ///
    /// Not while another master serves on: the server has not stopped.
    func endLeftProcesses() {
        guard !sharesListeners else { return }
        var deadline = MonotonicClock.now() + Master.leaveTime
        var told: Set<Int32> = []
        var killed: Set<Int32> = []
        while true {
            let left = AdoptedProcess.all(besides: knownPids.union(elders)).filter { AdoptedProcess.reap($0) == nil }
            if left.isEmpty { return }
            let now = MonotonicClock.now()
            let isLate = now >= deadline
            guard now < deadline + Master.killTime else {
                return log.error("Processes that the workers left behind cannot be ended: \(list(left))")
            }
            let new = left.filter { isLate ? !killed.contains($0) : !told.contains($0) }
            if !new.isEmpty {
                log.info("Processes that the workers left behind get SIG\(isLate ? "KILL" : "TERM"): \(list(new))")
            }
            for pid in new { (isLate ? Signal.kill : .terminate).send(to: pid) }
            if isLate { killed.formUnion(new) } else { told.formUnion(new) }
            // The end of a child is a signal, too.
            let rest = (isLate ? deadline + Master.killTime : deadline) - now
            guard signals.descriptor.waitUntil(1, timeoutMilliseconds: Int32(rest / 1_000_000) + 1) else { continue }
            if signals.read().contains(where: { [.interrupt, .quit].contains($0) }) { deadline = min(deadline, now) }
        }
    }

    private func list(_ pids: [Int32]) -> String { pids.map { "pid:\($0)" }.joined(separator: ", ") }
}
