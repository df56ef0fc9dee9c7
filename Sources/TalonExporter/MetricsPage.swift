import TalonMetrics
import TalonPlatform

/// What `/metrics` shows: the files of the folder, and the workers as they are now.
struct MetricsPage {
    private var reader: MetricDirectoryReader
    private var live: LiveFamilies
    private let log: ErrorLog
    /// Problems that were logged, so that each is logged once.
    private var told: Set<String> = []

    init(directory: String, scoreboard: Scoreboard, log: ErrorLog) {
        reader = MetricDirectoryReader(directory: directory)
        live = LiveFamilies(scoreboard: scoreboard)
        self.log = log
    }

    /// `details`: with what only some formats show.
    mutating func families(details: Bool) -> [MetricFamily] {
        let reading = reader.read(details: details)
        for problem in reading.problems {
            let message = "Metrics of \(problem.path) are not shown: \(problem.error.context)"
            if told.insert(message).inserted { log.error(message) }
        }
        let stored = reading.families.filter { !WorkerFamilies.readLive.contains($0.name) }
        return stored + live.families()
    }
}
