import TalonMetrics
import TalonPlatform

/// What `/metrics` shows: the files of the folder, and the workers as they are now.
struct MetricsPage {
    private var reader: MetricDirectoryReader
    private var live: LiveFamilies
    private var problems: FileProblems
    private var retiring: RetiringFiles?

    /// `retires`: whether files of processes that have ended are joined and deleted, `cleanup_db_files`.
    init(directory: String, scoreboard: Scoreboard, retires: Bool, log: ErrorLog) {
        let store = MetricStore(directory: directory, identifier: "exporter") { log.error($0) }
        reader = MetricDirectoryReader(directory: directory)
        live = LiveFamilies(scoreboard: scoreboard)
        problems = FileProblems(store: store, log: log)
        if retires {
            retiring = RetiringFiles(directory: directory, scoreboard: scoreboard, store: store, log: log)
        }
    }

    /// What is to be done now and then. `now`: CLOCK_MONOTONIC.
    mutating func maintain(now: UInt64) {
        retiring?.run(now: now)
    }

    /// `details`: with what only some formats show.
    mutating func families(details: Bool) -> [MetricFamily] {
        let reading = reader.read(details: details)
        problems.take(reading.problems)
        let stored = reading.families.filter { !WorkerFamilies.readLive.contains($0.name) }
        return stored + live.families()
    }
}
