import CTalonWorker
import Glibc
import TalonHooks
import TalonMetrics
import TalonPlatform
import TalonSettings

/// The plugins of a worker: loads them, and calls the hooks of the worker's own life. The worker's main thread.
///
/// A plugin runs inside the worker here; if it kills the process, the ledger tells the master which one it was.
final class WorkerHooks {
    /// The hooks of one point, while they run.
    private struct Chain {
        let point: HookPoint
        /// The default hook has run, or is not wanted.
        var isDefaultDone = false
    }

    private let inheritance: Inheritance
    private let slot: ScoreboardSlot
    private let log: ErrorLog
    private let store: MetricStore?
    private let account: HookAccount
    private let facts = FactBlock()
    private let mainThread = pthread_self()
    private var plugins: [WorkerPlugin] = []
    private var chain: Chain?
    /// Ends the worker in good order, for the reason given: at once after a crash, else when another serves in its
    /// place. False if it does not serve. Any thread.
    private let retire: (_ reason: String, _ isCrash: Bool) -> Bool
    /// Variables that were set since the process began, by the master and by hooks, in order.
    private(set) var environmentChanges: [(name: StableText, value: StableText)] = []

    init(
        _ inheritance: Inheritance, breakers: BreakerTable, slot: ScoreboardSlot, log: ErrorLog, store: MetricStore?,
        retire: @escaping (_ reason: String, _ isCrash: Bool) -> Bool
    ) {
        self.inheritance = inheritance
        self.slot = slot
        self.log = log
        self.store = store
        self.retire = retire
        account = HookAccount(breakers: breakers, log: log, metrics: store.map { HookMetrics(store: $0) })
        facts.update(
            HookFacts(
                server: .init(inheritance, workers: UInt32(inheritance.number("workers", default: 1))),
                worker: .init(
                    slot: UInt32(inheritance.slot), age: inheritance.age, pid: ThisProcess.pid,
                    generation: UInt32(truncatingIfNeeded: inheritance.generation))))
        for (name, value) in inheritance.environment { noteEnvironment(name, value) }
    }

    // MARK: Loading

    /// Loads the plugins that have hooks in a worker. Throws if a required one cannot be loaded.
    func load() throws(BootError) {
        HTTPInterface.offer()
        for inherited in inheritance.plugins {
            guard var plugin = ResolvedPlugin(inherited: inherited), plugin.description.hasWorkerSide else { continue }
            if plugin.description.limits[.workerExit] == nil {
                let seconds = max(0, inheritance.number("graceful_timeout", default: 30))
                plugin.description.limits[.workerExit] = UInt64(seconds) * nanosecondsPerSecond
            }
            try load(plugin, inherited.index)
        }
    }

    private func load(_ plugin: ResolvedPlugin, _ index: Int) throws(BootError) {
        let id = plugin.description.id
        func settle(_ outcome: HookOutcome, since began: UInt64?) {
            let now = MonotonicClock.now()
            account.settle(outcome, plugin: index, id, nil, nanoseconds: began.map { now - $0 }, now: now)
        }
        guard account.breakers.allows(plugin: index, nil, now: MonotonicClock.now()) else {
            settle(.breakerOpen, since: nil)
            guard plugin.description.isRequired else { return }
            throw BootError(
                "Plugin \(id) is required, and loading it has failed too often; it is not tried for a while")
        }
        let began = MonotonicClock.now()
        let lane = slot[lane: 0]
        lane.ledgerSince = began
        lane.ledger = WorkerPlugin.entry(index, nil)
        let loaded = Result { () throws(PluginError) in
            try LoadedPlugin(plugin, services: services(for: plugin.description), guards: true)
        }
        lane.ledger = 0
        switch loaded {
        case .success(let loaded):
            settle(.ok, since: began)
            plugins.append(WorkerPlugin(loaded, index: index, account: account))
        case .failure(let error):
            log.error("\(error)")
            settle(.error, since: began)
            if plugin.description.isRequired { throw BootError("Plugin \(id) is required, and cannot be loaded") }
        }
    }

    private func services(for description: PluginDescription) -> HostServices {
        let log = log
        let store = store
        let inheritance = inheritance
        // The default hooks speak for the server itself.
        let mark = description.isOwn ? "" : "[\(description.id)] "
        return HostServices(
            log: { level, message in log.write(level, mark + message) }, level: log.level,
            setting: { inheritance.setting($0) }, metrics: { store },
            request: { [unowned self] in perform($0, of: description.id) })
    }

    // MARK: Calling

    /// The hooks around each request; nil if no plugin has one. Its calls run on the threads of the requests.
    func makeRequestHooks() -> RequestHooks? {
        let retire = retire
        return RequestHooks(plugins, facts: facts, lanes: slot.lanes) { plugin, point in
            _ = retire(WorkerHooks.crash(plugin, point), true)
        }
    }

    /// Whether a plugin has a hook at `point`.
    func has(_ point: HookPoint) -> Bool { plugins.contains { $0.has(point) } }

    /// Calls the hook of each plugin that has it, in order. The default hook is last; `TALON_HANDLED` skips it.
    ///
    /// Returns why the worker must not go on: before it serves, a required plugin has failed or a guarded one crashed.
    @discardableResult
    func run(_ point: HookPoint) -> BootError? {
        chain = Chain(point: point)
        defer { chain = nil }
        let isBoot = point == .postFork || point == .postWorkerInit
        for plugin in plugins where plugin.has(point) {
            if plugin.isDefault {
                if chain?.isDefaultDone == true { continue }
                chain?.isDefaultDone = true
            }
            let outcome = call(plugin, point)
            if outcome == .handled { chain?.isDefaultDone = true }
            guard isBoot else { continue }
            if case .crashed = outcome { return retirement(WorkerHooks.crash(plugin, point)) }
            if plugin.isRequired, outcome.isFailure {
                let reason = outcome == .breakerOpen ? "has failed too often" : "failed"
                return BootError("Plugin \(plugin.id) is required, and its hook \(point.name) \(reason)")
            }
        }
        return nil
    }

    /// Lets the plugins tidy up, after the last hook.
    func destroy() {
        for plugin in plugins { plugin.destroy(lane: slot[lane: 0]) }
        plugins = []
    }

    private func call(_ plugin: WorkerPlugin, _ point: HookPoint) -> HookOutcome {
        guard !plugin.isDefault else { return callUntilSettled(plugin, point) }
        let traits = ProcessTraits()
        let outcome = callUntilSettled(plugin, point)
        for change in traits.restore() {
            log.warning("Hook \(point.name) of plugin \(plugin.id) misbehaved: it changed \(change); it was put back")
        }
        return outcome
    }

    private func callUntilSettled(_ plugin: WorkerPlugin, _ point: HookPoint) -> HookOutcome {
        let lane = slot[lane: 0]
        let deadline = MonotonicClock.now() &+ plugin.timeLimit(at: point)
        var attempts = 0
        while true {
            let outcome = plugin.call(point, facts, lane: lane, deadline: deadline)
            guard outcome == .retry else { return outcome }
            let delay = BackOff.delay(failures: attempts)
            attempts += 1
            guard MonotonicClock.now() &+ delay < deadline else {
                plugin.giveUp(point)
                return .timedOut
            }
            _ = PollSet.wait(for: [], timeoutMilliseconds: Int32(truncatingIfNeeded: delay / 1_000_000))
        }
    }

    private static func crash(_ plugin: WorkerPlugin, _ point: HookPoint) -> String {
        "plugin \(plugin.id) crashed in hook \(point.name)"
    }

    private func retirement(_ reason: String) -> BootError {
        BootError(WorkerRuntime.retirement(reason), status: TALON_EXIT_TAINTED)
    }

    // MARK: What plugins ask for

    private static let noSuchProcess = ESRCH
    private static let failed = EIO

    /// 0, an errno, or -1 if a worker does not do it, or not now. On the thread of the hook.
    private func perform(_ request: HostRequest, of id: String) -> Int32 {
        switch request.kind {
        case HostRequest.reload: tellMaster(.hangup)
        case HostRequest.addWorker: tellMaster(.ttyIn)
        case HostRequest.removeWorker: tellMaster(.ttyOut)
        case HostRequest.reopenLogs: tellMaster(.user1)
        case HostRequest.restartWorker: retire("plugin \(id) asks for it", false) ? 0 : -1
        case HostRequest.setEnvironment where isMainThread: setEnvironment(request.name, request.value)
        case HostRequest.runDefault where isMainThread: runDefault()
        default: -1
        }
    }

    private var isMainThread: Bool { pthread_equal(pthread_self(), mainThread) != 0 }

    private func tellMaster(_ signal: Signal) -> Int32 {
        guard ThisProcess.parentPid == inheritance.masterPid else { return WorkerHooks.noSuchProcess }
        return signal.send(to: inheritance.masterPid) ? 0 : lastErrno
    }

    /// Only while there is one thread: others may read the environment.
    private func setEnvironment(_ name: String, _ value: String) -> Int32 {
        guard chain?.point == .postFork, !name.isEmpty, !name.contains("="), !(name + value).utf8.contains(0) else {
            return -1
        }
        noteEnvironment(name, value)
        return 0
    }

    private func noteEnvironment(_ name: String, _ value: String) {
        ThisProcess.setEnvironment(name, value)
        environmentChanges.append((StableText(name), StableText(value)))
    }

    /// Runs the default hook of the chain that runs, once, and inside the hook that asks.
    private func runDefault() -> Int32 {
        guard let point = chain?.point, chain?.isDefaultDone == false,
            let plugin = plugins.first(where: { $0.isDefault && $0.has(point) })
        else { return -1 }
        chain?.isDefaultDone = true
        return call(plugin, point).isFailure ? WorkerHooks.failed : 0
    }
}

extension HookFacts.Server {
    /// As a worker or a runner knows it from its inheritance.
    init(_ inheritance: Inheritance, workers: UInt32) {
        let address = inheritance.listeners.first?.parts
        self.init(
            pid: inheritance.masterPid, name: inheritance.application, version: TalonVersion.text,
            address: address?.host ?? "", port: UInt32(address?.port ?? 0), workers: workers,
            generation: UInt32(truncatingIfNeeded: inheritance.generation),
            startedAt: UInt64(inheritance.setting("talon.started_at") ?? "") ?? 0)
    }
}
