import TalonMetrics
import TalonPlatform

/// Counts and logs what is wrong with metric files: each file once for as long as it is in the same trouble, and in the
/// log once at all.
struct FileProblems {
    /// Names are anybody's: the log is not to be filled with them, nor is memory.
    private static let logLimit = 1000

    private struct Trouble: Hashable {
        let path: String
        let reason: MetricError.Code
    }

    /// nil: the folder is another's, and nothing is counted there.
    private let store: MetricStore?
    private let log: ErrorLog
    private var counters: [MetricError.Code: Counter] = [:]
    /// What the latest scrape found.
    private var present: Set<Trouble> = []
    private var logged: Set<Trouble> = []

    init(store: MetricStore?, log: ErrorLog) {
        self.store = store
        self.log = log
    }

    /// Takes in what a scrape found.
    mutating func take(_ problems: [MetricDirectoryReader.Problem]) {
        var found: Set<Trouble> = []
        for problem in problems {
            let trouble = Trouble(path: problem.path, reason: problem.error.code)
            guard found.insert(trouble).inserted, !present.contains(trouble) else { continue }
            counter(trouble.reason)?.increment()
            tell(trouble, problem.error)
        }
        present = found
    }

    private mutating func counter(_ reason: MetricError.Code) -> Counter? {
        guard let store else { return nil }
        if let known = counters[reason] { return known }
        let family = StoreFamilies.fileErrors
        let counter = store.counter(name: family.name, help: family.help, labels: ["reason": reason.rawValue])
        counters[reason] = counter
        return counter
    }

    private mutating func tell(_ trouble: Trouble, _ error: MetricError) {
        guard logged.count < Self.logLimit, logged.insert(trouble).inserted else { return }
        log.error("Metrics of \(LogText.oneLine(trouble.path)) are not shown: \(LogText.oneLine(error.description))")
        if logged.count == Self.logLimit {
            log.error("Metrics: of further files in trouble only \(StoreFamilies.fileErrors.name) tells")
        }
    }
}
