import TalonHTTP
import TalonHooks
import TalonPlatform
import TalonSettings

/// The black box: what is kept of each worker that ends.
extension Master {
    /// A worker is gone, and its slot is not free yet; the supervisor does not know. `hook`: the plugin code in which it
    /// ended.
    func record(_ slot: Int, _ worker: RunningWorker, _ end: WorkerEnd, hook: String?) {
        let board = scoreboard[slot]
        let (now, unixTime) = (MonotonicClock.now(), MonotonicClock.unixTime())
        let record = ExitRecord(
            pid: worker.pid, slot: slot, age: worker.age, generation: worker.generation, end: end, hook: hook,
            sender: end.farewell == .none || board.farewellSender == ThisProcess.pid
                || board.farewellSender == worker.pid ? 0 : board.farewellSender,
            requests: board.applicationLanes.compactMap(\.request),
            uptime: unixTime - min(unixTime, board.startedAt), endedAt: now, unixTime: unixTime)
        log.write(record.level, record.line)
        if let problem = exitRecords?.append(record) {
            log.error("exit_records: \(problem); the record of a worker's end is in this log only")
        }
        if end.reason == .timeout { writeLost(record.requests.filter { $0.phase != .brokenOff }, of: worker.pid) }
    }

    /// Requests that a time limit has ended together with their worker, which has not answered them.
    private func writeLost(_ requests: [LaneRequest], of pid: Int32) {
        guard let path = settings.accessLog, !requests.isEmpty else { return }
        do throws(SystemError) {
            let layout = AccessLogLayout { settings[$0]?.description }
            try LostRequests(path: path, layout: layout).write(requests, of: pid, status: 504)
        } catch {
            log.error("The access log cannot be written: \(error)")
        }
    }
}
