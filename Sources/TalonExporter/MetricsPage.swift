import TalonMetrics
import TalonPlatform

/// What `/metrics` shows: the files of the folder, and the workers as they are now.
struct MetricsPage: MetricsSource {
    private var reader: MetricDirectoryReader
    private var live: LiveFamilies
    private var problems: FileProblems
    private let forwarding: ForwardingFamilies?
    private var retiring: RetiringFiles?

    /// `store`: where the exporter's own counts are; `retires`: whether files of processes that have ended are joined and
    /// deleted, `cleanup_db_files`.
    init(
        directory: String, store: MetricStore, scoreboard: Scoreboard, forwarding: ForwardingFamilies?, retires: Bool,
        log: ErrorLog
    ) {
        self.forwarding = forwarding
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
        return stored + live.families() + (forwarding?.live ?? [])
    }
}
