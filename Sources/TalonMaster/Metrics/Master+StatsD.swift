import TalonPlatform
import TalonSettings

/// What StatsD was told last.
struct StatsDNews {
    var workers: Int?
    /// When it is told again; CLOCK_MONOTONIC, nanoseconds.
    var workersAt: UInt64 = 0
    var backlogAt: UInt64 = 0
}

/// What the master tells StatsD; what it tells of requests, each worker does.
extension Master {
    /// A server that was started anew, or that forgets gauges, is to learn it too.
    private static let repetition = 10 * nanosecondsPerSecond

    /// In the loop's turns.
    func tellStatsD(_ now: UInt64) {
        guard let statsD = log.statsD else { return }
        if workers.count != statsDNews.workers || now >= statsDNews.workersAt {
            statsDNews.workers = workers.count
            statsDNews.workersAt = now + Master.repetition
            statsD.send("gunicorn.workers", workers.count, .gauge)
        }
        if settings.tellsBacklog, now >= statsDNews.backlogAt, !areListenersClosed {
            statsDNews.backlogAt = now + nanosecondsPerSecond
            statsD.send("gunicorn.backlog", waitingConnections(), .histogram)
        }
    }
}
