import TalonMetrics
import TalonPlatform

/// Has the files of ended processes retire every few seconds, `cleanup_db_files`.
struct RetiringFiles {
    private static let interval = 5 * nanosecondsPerSecond

    private let retirement: Retirement
    private let scoreboard: Scoreboard
    private let counter: Counter
    private let log: ErrorLog
    private var nextTurn: UInt64 = 0
    private var told: Set<MetricError.Code> = []

    init(directory: String, scoreboard: Scoreboard, store: MetricStore, log: ErrorLog) {
        retirement = Retirement(directory: directory, slots: scoreboard.slotCount)
        self.scoreboard = scoreboard
        self.log = log
        let family = StoreFamilies.retiredFiles
        counter = store.counter(name: family.name, help: family.help)
    }

    /// Does it if it is time. Some milliseconds when there are files that retire.
    mutating func run(now: UInt64) {
        guard now >= nextTurn else { return }
        nextTurn = now + Self.interval
        let scoreboard = scoreboard
        do {
            let count = try retirement.run { scoreboard[$0].state == .free }
            counter.add(Double(count))
            // There may be more than one batch; the next turn is soon.
            if count > 0 { nextTurn = now + nanosecondsPerSecond / 2 }
        } catch {
            guard told.insert(error.code).inserted else { return }
            log.error("Metric files of ended processes stay for now: \(error.description)")
        }
    }
}
