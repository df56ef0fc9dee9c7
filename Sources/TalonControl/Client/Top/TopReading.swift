import TalonMetrics
import TalonPlatform

/// What `top` knows of the server at one moment.
struct TopReading {
    /// CLOCK_MONOTONIC, nanoseconds.
    let at: UInt64
    let status: JSON
    let workers: [JSON]
    let counts: RequestCounts

    /// Asks the server, and reads its metric files by `reader`.
    init(_ client: ControlClient, _ reader: inout MetricDirectoryReader?) throws(ControlClient.Failure) {
        status = try client.ask("status")
        workers = try client.ask("workers")["workers"]?.elements ?? []
        if reader == nil, let folder = status["metrics"]?["directory"]?.string {
            reader = MetricDirectoryReader(directory: folder)
        }
        counts = RequestCounts(reader?.read(details: false).families ?? [])
        at = MonotonicClock.now()
    }

    init(at: UInt64, status: JSON, workers: [JSON], counts: RequestCounts) {
        self.at = at
        self.status = status
        self.workers = workers
        self.counts = counts
    }
}
