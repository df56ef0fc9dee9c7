import TalonHooks
import TalonMetrics
import TalonPlatform

/// The hooks of the master's side: of each third-party plugin in its runner, then the default hooks in the master.
final class MasterHooks {
    let account: HookAccount
    let runners: RunnerPool
    private let defaults: LoadedPlugin
    private let log: ErrorLog
    /// Facts about the server now.
    private let server: () -> HookFacts.Server
    /// Performs what a plugin requests in a call, all but the default hook.
    private let perform: (HostRequest, HookChain) -> Int32
    private var retries: [HookRetry] = []
    private let block = FactBlock()
    /// Counted before the files could be opened.
    private var uncounted: [(plugin: String, point: HookPoint?, outcome: HookOutcome, nanoseconds: UInt64?)] = []
    private var uncountedRefusals: [String] = []
    private var isStoreOpen = false
    private var states: [Int: [HookPoint?: BreakerTable.State]] = [:]

    /// `loadDefaults` is given what performs the requests of the default hooks.
    init(
        account: HookAccount, log: ErrorLog, server: @escaping () -> HookFacts.Server,
        perform: @escaping (HostRequest, HookChain) -> Int32,
        loadDefaults: (@escaping (HostRequest) -> Int32) throws(PluginError) -> LoadedPlugin
    ) throws(PluginError) {
        self.account = account
        self.log = log
        self.server = server
        self.perform = perform
        runners = RunnerPool()
        let current = Current()
        defaults = try loadDefaults { request in current.chain.map { perform(request, $0) } ?? -1 }
        self.current = current
    }

    /// Which chain the default hooks are called for.
    private final class Current {
        var chain: HookChain?
    }
    private let current: Current

    var defaultPlugin: LoadedPlugin { defaults }

    private func chain(
        _ point: HookPoint, _ set: PluginSet, _ worker: HookFacts.Worker?, _ workers: HookFacts.Workers?
    ) -> HookChain {
        HookChain(point, HookFacts(server: server(), worker: worker, workers: workers), set)
    }

    // MARK: Hooks that the server waits for

    /// Calls the hook of every plugin that has it, in declared order, the default hook last unless one says that it
    /// handled the point. `budget`: nanoseconds for all of them together.
    func run(
        _ point: HookPoint, _ set: PluginSet, worker: HookFacts.Worker? = nil, budget: UInt64? = nil
    ) -> HookVerdict {
        let members = set.members.filter { $0.has(point) }
        let chain = chain(point, set, worker, nil)
        let end = budget.map { MonotonicClock.now() + $0 }
        for member in members {
            let outcome = callUntilSettled(member, chain, end: end)
            chain.take(outcome)
            if outcome == .deny { return .denied(member.id) }
            guard member.description.isRequired, outcome.isFailed else { continue }
            if point.isDecisive { return .failed(member.id) }
            sayRequired(member, point)
        }
        if chain.wantsDefault { _ = runDefault(chain) }
        return .passed
    }

    /// Calls a hook, and again if it wants that: what follows depends on it.
    private func callUntilSettled(_ member: PluginMember, _ chain: HookChain, end: UInt64?) -> HookOutcome {
        let limit = member.description.timeLimit(at: chain.point)
        let giveUpAt = min(MonotonicClock.now() + limit, end ?? .max)
        var attempts = 1
        var outcome = call(member, chain, limit: limit, end: end)
        while outcome == .retry {
            let delay = BackOff.delay(failures: attempts - 1)
            let next = MonotonicClock.now() + delay
            guard next < giveUpAt else {
                giveUp(member.id, chain.point, attempts)
                break
            }
            _ = PollSet.wait(for: [], timeoutMilliseconds: Int32(delay / 1_000_000))
            attempts += 1
            let now = MonotonicClock.now()
            guard now < giveUpAt else { break }
            outcome = call(member, chain, limit: giveUpAt - now, end: end)
        }
        return outcome
    }

    /// One call in its runner.
    private func call(_ member: PluginMember, _ chain: HookChain, limit: UInt64, end: UInt64? = nil) -> HookOutcome {
        let now = MonotonicClock.now()
        let limit = end.map { min(limit, $0 > now ? $0 - now : 0) } ?? limit
        guard let runner = member.runner, runner.isRunning, limit > 0 else {
            return settle(.notRunning, member, chain, nil)
        }
        guard account.breakers.allows(plugin: member.index, chain.point, now: now) else {
            return settle(.breakerOpen, member, chain, nil)
        }
        let result = runner.call(chain.point, chain.facts, limit: limit) { [unowned self] in serve($0, chain) }
        return settle(result.outcome, member, chain, result.nanoseconds)
    }

    // MARK: Hooks that nobody waits for

    /// Has the hook of every plugin called that has it; the default hook follows the last of them.
    func announce(
        _ point: HookPoint, _ set: PluginSet, worker: HookFacts.Worker? = nil, workers: HookFacts.Workers? = nil
    ) {
        let members = set.members.filter { $0.has(point) }
        guard !members.isEmpty || set.defaults.has(point) else { return }
        let chain = chain(point, set, worker, workers)
        chain.underWay = members.count + 1
        for member in members {
            post(member, chain) { [unowned self] outcome in
                if outcome == .retry { callLater(member, chain) }
                conclude(chain)
            }
        }
        conclude(chain)
    }

    private func post(_ member: PluginMember, _ chain: HookChain, then: @escaping (HookOutcome) -> Void) {
        let finish: (HookOutcome, UInt64?) -> Void = { [unowned self] outcome, nanoseconds in
            settle(outcome, member, chain, nanoseconds)
            chain.take(outcome)
            if member.description.isRequired, outcome.isFailed, outcome != .retry { sayRequired(member, chain.point) }
            then(outcome)
        }
        guard let runner = member.runner, runner.isRunning else { return finish(.notRunning, nil) }
        guard account.breakers.allows(plugin: member.index, chain.point, now: MonotonicClock.now()) else {
            return finish(.breakerOpen, nil)
        }
        runner.post(
            chain.point, chain.facts, limit: member.description.timeLimit(at: chain.point),
            request: { [unowned self] in serve($0, chain) }, finished: finish)
    }

    private func conclude(_ chain: HookChain) {
        chain.underWay -= 1
        if chain.underWay == 0, chain.wantsDefault { _ = runDefault(chain) }
    }

    private func callLater(_ member: PluginMember, _ chain: HookChain) {
        let now = MonotonicClock.now()
        let giveUpAt = now + member.description.timeLimit(at: chain.point)
        retries.append(
            HookRetry(
                member: member, chain: chain, giveUpAt: giveUpAt, attempts: 1, nextAt: now + BackOff.delay(failures: 0))
        )
    }

    // MARK: The default hooks

    /// Runs the default hook of a point, in this process; nil if there is none, or if its breaker is open.
    private func runDefault(_ chain: HookChain) -> HookOutcome? {
        chain.hasRunDefault = true
        let outcome = callDefault(chain)
        if outcome == .retry {
            let now = MonotonicClock.now()
            retries.append(
                HookRetry(
                    member: nil, chain: chain, giveUpAt: now + chain.point.timeLimit, attempts: 1,
                    nextAt: now + BackOff.delay(failures: 0)))
        }
        return outcome
    }

    private func callDefault(_ chain: HookChain) -> HookOutcome? {
        let member = chain.set.defaults
        let started = MonotonicClock.now()
        guard member.has(chain.point), account.breakers.allows(plugin: member.index, chain.point, now: started)
        else { return nil }
        let outer = current.chain
        current.chain = chain
        defer { current.chain = outer }
        block.update(chain.facts)
        guard let outcome = defaults.call(chain.point, block, deadline: started + chain.point.timeLimit) else {
            return nil
        }
        return settle(outcome, member, chain, MonotonicClock.now() - started)
    }

    /// What a plugin requests from inside a call.
    private func serve(_ request: HostRequest, _ chain: HookChain) -> Int32 {
        guard request.kind == HostRequest.runDefault else { return perform(request, chain) }
        guard !chain.hasRunDefault else { return -1 }
        switch runDefault(chain) {
        case nil, .ok?, .handled?: return 0
        default: return -1
        }
    }

    // MARK: Outcomes

    @discardableResult
    private func settle(
        _ outcome: HookOutcome, _ member: PluginMember, _ chain: HookChain, _ nanoseconds: UInt64?
    ) -> HookOutcome {
        settle(outcome, member, chain.point, nanoseconds)
        return outcome
    }

    /// Settles what became of plugin code; `point` nil is loading.
    func settle(_ outcome: HookOutcome, _ member: PluginMember, _ point: HookPoint?, _ nanoseconds: UInt64? = nil) {
        if !isStoreOpen { uncounted.append((member.id, point, outcome, nanoseconds)) }
        account.settle(
            outcome, plugin: member.index, member.id, point, nanoseconds: nanoseconds, now: MonotonicClock.now())
    }

    /// A plugin's file cannot be used.
    func refused(origin: String) {
        guard isStoreOpen else { return uncountedRefusals.append(origin) }
        account.metrics?.refused(origin: origin)
    }

    private func giveUp(_ plugin: String, _ point: HookPoint, _ attempts: Int) {
        log.error("Hook \(point.name) of plugin \(plugin) gave up after \(attempts) tries")
    }

    private func sayRequired(_ member: PluginMember, _ point: HookPoint) {
        log.error("Plugin \(member.id) is required, and its hook \(point.name) did not succeed")
    }

    /// Counts from now on, and what was not counted so far. Not before the hooks of `on_starting`, which make the
    /// folder of the files. nil: without metrics.
    func openStore(_ store: MetricStore?) {
        account.metrics = store.map { HookMetrics(store: $0) }
        isStoreOpen = true
        for entry in uncounted {
            account.metrics?.series(plugin: entry.plugin, entry.point)
                .count(entry.outcome, nanoseconds: entry.nanoseconds)
        }
        uncounted = []
        for origin in uncountedRefusals { account.metrics?.refused(origin: origin) }
        uncountedRefusals = []
    }

    /// Shows where the breakers of plugins in use stand.
    func showBreakers(of set: PluginSet) {
        guard let metrics = account.metrics else { return }
        for member in set.all {
            for point in [nil] + member.description.bindings.map({ Optional($0.point) }) {
                let state = account.breakers.state(plugin: member.index, point)
                guard states[member.index]?[point] != state else { continue }
                states[member.index, default: [:]][point] = state
                metrics.setBreaker(plugin: member.id, point, state)
            }
        }
    }

    /// The plugin is no longer in use.
    func forget(_ member: PluginMember) {
        states[member.index] = nil
        retries.removeAll { $0.member?.index == member.index }
    }

    // MARK: Time

    /// When the next thing is due; CLOCK_MONOTONIC, nanoseconds.
    var nextDeadline: UInt64? { (retries.map(\.nextAt) + [runners.nextDeadline].compactMap { $0 }).min() }

    /// What is due: tries again, starts runners again. The master's loop calls this.
    func maintain(now: UInt64) {
        runners.maintain(now: now)
        let due = retries.filter { now >= $0.nextAt }
        retries.removeAll { now >= $0.nextAt }
        for retry in due { tryAgain(retry, now) }
    }

    private func tryAgain(_ retry: HookRetry, _ now: UInt64) {
        var again = retry
        again.attempts += 1
        again.nextAt = now + BackOff.delay(failures: retry.attempts)
        if let member = retry.member {
            post(member, retry.chain) { [unowned self] in if $0 == .retry { keepTrying(again, member.id) } }
        } else if callDefault(retry.chain) == .retry {
            keepTrying(again, defaults.id)
        }
    }

    private func keepTrying(_ retry: HookRetry, _ plugin: String) {
        if retry.nextAt < retry.giveUpAt {
            retries.append(retry)
        } else {
            giveUp(plugin, retry.chain.point, retry.attempts)
        }
    }
}
