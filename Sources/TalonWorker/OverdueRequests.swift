package import TalonHTTP
import TalonPlatform
import TalonSettings

/// Requests over their time limit, in a worker whose application has threads. The loop's thread.
///
/// The master sees them on the scoreboard and sends ABRT. A stuck thread cannot be ended, only its process can; so the
/// worker answers in that thread's place, finishes what else runs, and leaves.
extension WorkerRuntime {
    /// Nanoseconds; 0 is no limit.
    private var timeLimit: UInt64 {
        let seconds = inheritance.number(
            "request_timeout", default: inheritance.number("timeout", default: 30))
        return UInt64(max(0, seconds)) * nanosecondsPerSecond
    }

    /// Breaks them off and has the server drain. False if there are none.
    @discardableResult
    func breakOffOverdue() -> Bool {
        let limit = timeLimit
        guard threads > 1, limit > 0, let server else { return false }
        let now = MonotonicClock.now()
        let isOverdue = { [lanes] (thread: Int) in lanes[thread].request?.isOverdue(limit, at: now) ?? false }
        let overdue = lanes.indices.dropFirst().filter(isOverdue)
        guard !overdue.isEmpty else { return false }
        return server.breakOff(threads: overdue, status: 504, queues: queueDrain, isStill: isOverdue)
    }

    /// Of an application that runs many requests in one thread: each is answered with 504 if nothing was sent yet, and
    /// broken off; the worker goes on.
    func cutOverdue() {
        let limit = timeLimit
        guard limit > 0, let server else { return }
        let now = MonotonicClock.now()
        for exchange in server.runningExchanges {
            guard let request = lanes[exchange.thread].request, request.phase == .application,
                request.isOverdue(limit, at: now)
            else { continue }
            let age = SecondsText.between(request.since, now)
            log.warning("Request timeout: \(request.line) is over its time limit: \(age) s; it is broken off")
            server.cutShort(exchange, status: 504)
            lanes[exchange.thread].phase = .brokenOff
            application?.cancel(exchange)
        }
    }

    package func turnedAway(_ connection: Connection, status: Int, bytesSent: Int64) {
        metrics?.brokeOff(connection, status: status, duration: 0, bodySent: bytesSent)
        accessLog?.write(connection, status: status, bodyBytes: bytesSent, nanoseconds: 0)
        statistics?.count(status: status, nanoseconds: 0)
    }

    package func brokeOff(_ connection: Connection, thread: Int, status: Int, bytesSent: Int64) {
        let since = lanes[thread].requestSince
        let now = MonotonicClock.now()
        let duration = since > 0 && now > since ? now - since : 0
        lanes[thread].phase = .brokenOff
        metrics?.brokeOff(connection, status: status, duration: duration, bodySent: bytesSent)
        accessLog?.write(connection, status: status, bodyBytes: bytesSent, nanoseconds: duration)
        statistics?.count(status: status, nanoseconds: duration)
    }
}
