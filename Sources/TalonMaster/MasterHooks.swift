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
    private let block = FactBlock()

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
        for runner in runners where runner.plugin.description.points.contains(point) {
            switch callUntilSettled(runner, point) {
            case .deny?: return runner.id
            case .handled?: handled = true
            default: break
            }
        }
        if !handled { _ = callUntilSettled(nil, point) }
        return nil
    }

    /// Calls a hook, and again if it wants that: at once where the server waits for the outcome, later elsewhere.
    private func callUntilSettled(_ runner: HookRunnerProcess?, _ point: HookPoint) -> HookOutcome? {
        let giveUpAt = MonotonicClock.now() + point.timeLimit
        var attempts = 1
        var outcome = call(runner, point)
        while outcome == .retry {
            let delay = BackOff.delay(failures: attempts - 1)
            let next = MonotonicClock.now() + delay
            guard point.allowsVeto else {
                retries.append(
                    Retry(runner: runner, point: point, giveUpAt: giveUpAt, attempts: attempts, nextAt: next))
                break
            }
            guard next < giveUpAt else {
                giveUp(runner, point, attempts)
                break
            }
            _ = PollSet.wait(for: [], timeoutMilliseconds: Int32(delay / 1_000_000))
            attempts += 1
            outcome = call(runner, point)
        }
        return outcome
    }

    /// One call, counted and logged; nil if the plugin does not have the hook. No runner means the default hooks.
    private func call(_ runner: HookRunnerProcess?, _ point: HookPoint) -> HookOutcome? {
        block.update(facts())
        let outcome =
            runner.map { $0.call(point, facts()) }
            ?? defaults.call(point, block, deadline: MonotonicClock.now() + point.timeLimit)
        guard let outcome else { return nil }
        let plugin = runner?.id ?? defaults.id
        count(plugin, point, outcome)
        if let failure = outcome.failure { log.error("Hook \(point.name) of plugin \(plugin) \(failure)") }
        return outcome
    }

    private func giveUp(_ runner: HookRunnerProcess?, _ point: HookPoint, _ attempts: Int) {
        log.error("Hook \(point.name) of plugin \(runner?.id ?? defaults.id) gave up after \(attempts) tries")
    }

    /// The pids of the runners.
    var pids: [Int32] { runners.compactMap(\.pid) }

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
        let family = HookFamilies.calls
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
        guard call(retry.runner, retry.point) == .retry else { return }
        var again = retry
        again.attempts += 1
        again.nextAt = now + BackOff.delay(failures: retry.attempts)
        if again.nextAt < retry.giveUpAt {
            retries.append(again)
        } else {
            giveUp(retry.runner, retry.point, again.attempts)
        }
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
