import TalonHooks
import TalonMetrics
import TalonPlatform
import TalonSettings

/// The hooks of the master's side: of each third-party plugin in its runner, then the default hooks in the master.
final class MasterHooks {
    private let runners: [HookRunnerProcess]
    private let defaults: LoadedPlugin
    private let log: ErrorLog
    /// Opens the master's metric files; nil without metrics.
    private let makeStore: () -> MetricStore?
    private var store: MetricStore?
    /// Counted before the files could be opened.
    private var uncounted: [(plugin: String, point: HookPoint, outcome: HookOutcome)] = []
    private var isStoreOpen = false
    private let facts: () -> HookFacts
    private var retries: [Retry] = []

    /// A hook that asked to be called again.
    private struct Retry {
        /// nil is the default hooks.
        let runner: HookRunnerProcess?
        let point: HookPoint
        let giveUpAt: UInt64
        var attempts: Int
        var nextAt: UInt64
    }

    init(
        runners: [HookRunnerProcess], defaults: LoadedPlugin, log: ErrorLog,
        makeStore: @escaping () -> MetricStore?, facts: @escaping () -> HookFacts
    ) {
        self.runners = runners
        self.defaults = defaults
        self.log = log
        self.makeStore = makeStore
        self.facts = facts
    }

    /// What to wait on.
    var descriptors: [FileDescriptor] { runners.flatMap(\.descriptors) }

    /// When the next thing is due; CLOCK_MONOTONIC, nanoseconds.
    var nextDeadline: UInt64? {
        (runners.compactMap(\.startAgainAt) + retries.map(\.nextAt)).min()
    }

    /// Calls a hook of every plugin that has it, in declared order, the default hook last unless one says that it
    /// handled the point. Returns the plugin that vetoed, if one did.
    func run(_ point: HookPoint) -> String? {
        var handled = false
        for runner in runners where runner.file.hooks.contains(point) {
            switch take(runner.call(point, facts()), of: runner, point) {
            case .deny: return runner.id
            case .handled: handled = true
            default: break
            }
        }
        guard !handled, let outcome = callDefault(point) else { return nil }
        _ = take(outcome, of: nil, point)
        return nil
    }

    private func callDefault(_ point: HookPoint) -> HookOutcome? {
        defaults.call(point, facts(), deadline: MonotonicClock.now() + point.timeLimit)
    }

    /// Counts and logs an outcome; remembers one that wants another try.
    private func take(_ outcome: HookOutcome, of runner: HookRunnerProcess?, _ point: HookPoint) -> HookOutcome {
        let plugin = runner?.id ?? defaults.id
        count(plugin, point, outcome)
        if let failure = outcome.failure { log.error("Hook \(point.name) of plugin \(plugin) \(failure)") }
        if outcome == .retry {
            let now = MonotonicClock.now()
            retries.append(
                Retry(
                    runner: runner, point: point, giveUpAt: now + point.timeLimit, attempts: 1,
                    nextAt: now + BackOff.delay(failures: 0)))
        }
        return outcome
    }

    /// Opens the metric files. Not before the hooks of `on_starting`, which make their folder.
    func openStore() {
        store = makeStore()
        isStoreOpen = true
        for entry in uncounted { count(entry.plugin, entry.point, entry.outcome) }
        uncounted = []
    }

    /// Counts the outcome of a call.
    func count(_ plugin: String, _ point: HookPoint, _ outcome: HookOutcome) {
        guard isStoreOpen else { return uncounted.append((plugin, point, outcome)) }
        let family = WorkerFamilies.hookCalls
        store?.counter(
            name: family.name, help: family.help,
            labels: ["plugin": plugin, "hook": point.name, "outcome": outcome.label]
        ).increment()
    }

    /// What is due: tries again, starts runners again. The master's loop calls this.
    func maintain(now: UInt64) {
        for runner in runners { runner.maintain(now: now) }
        let due = retries.filter { now >= $0.nextAt }
        retries.removeAll { now >= $0.nextAt }
        for retry in due { tryAgain(retry, now) }
    }

    private func tryAgain(_ retry: Retry, _ now: UInt64) {
        let outcome = retry.runner?.call(retry.point, facts()) ?? callDefault(retry.point)
        guard let outcome else { return }
        let plugin = retry.runner?.id ?? defaults.id
        count(plugin, retry.point, outcome)
        if let failure = outcome.failure { log.error("Hook \(retry.point.name) of plugin \(plugin) \(failure)") }
        guard outcome == .retry else { return }
        let next = now + BackOff.delay(failures: retry.attempts)
        guard next < retry.giveUpAt else {
            log.error("Hook \(retry.point.name) of plugin \(plugin) gave up after \(retry.attempts + 1) tries")
            return
        }
        var again = retry
        again.attempts += 1
        again.nextAt = next
        retries.append(again)
    }

    /// One of ``descriptors`` is readable.
    func readable(_ descriptor: FileDescriptor) {
        runners.first { $0.descriptors.contains(descriptor) }?.readable()
    }

    /// Ends all runners, at the server's end.
    func finish() {
        for runner in runners { runner.finish(patience: nanosecondsPerSecond) }
    }
}
