import TalonPlatform
import TalonSettings

/// The time limits of requests, seen on the scoreboard: also in threads, which the worker's own loop knows nothing of.
extension Master {
    private var timeLimit: UInt64 { UInt64(settings.requestTimeout) * nanosecondsPerSecond }

    /// Workers with a request that is over its limit, which only their end will end. Those whose one thread runs many
    /// break it off by themselves.
    func overdue(_ now: UInt64) -> [Int] {
        guard timeLimit > 0, !settings.workerKind.isAsynchronous else { return [] }
        return workers.keys.filter { slot in
            scoreboard[slot].state == .ready
                && scoreboard[slot].applicationLanes.contains { lane in
                    // Hooks have a limit of their own.
                    lane.ledger == 0 && isOverdue(lane.request, now)
                }
        }.sorted()
    }

    private func isOverdue(_ request: LaneRequest?, _ now: UInt64) -> Bool {
        timeLimit > 0 && request?.isOverdue(timeLimit, at: now) == true
    }

    /// A worker is about to be told to abort: what runs in it, what its threads do, and the stacks of Python's, written
    /// by the worker itself in a signal handler, which needs no lock of the interpreter.
    func showStuck(_ slot: Int) {
        guard let worker = workers[slot] else { return }
        let now = MonotonicClock.now()
        for request in scoreboard[slot].applicationLanes.compactMap(\.request) {
            let age = SecondsText.between(request.since, now)
            let what = isOverdue(request, now) ? "is over its time limit" : "runs beside it"
            log.warning("Worker (pid:\(worker.pid)) \(request.line) \(what): \(age) s, \(request.phase.name)")
        }
        for thread in ThreadState.all(of: worker.pid) {
            let name = LogText.oneLine(thread.name)
            log.warning("Worker (pid:\(worker.pid)) thread \(thread.id) (\(name)) \(thread.phrase)")
        }
        // Without a handler it would be the end of the process, before it can say anything.
        if Signal.stacks.isCaught(by: worker.pid) { Signal.stacks.send(to: worker.pid) }
    }
}
