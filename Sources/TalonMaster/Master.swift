import TalonHooks
import TalonMetrics
package import TalonPlatform
package import TalonSettings

/// The master: opens the listeners, keeps the workers alive, runs the hooks of its side, obeys signals.
///
/// One thread, one loop, no code but Talon's own. It decides nothing: ``SupervisorStateMachine`` does.
package final class Master {
    /// Changes at a reload.
    private(set) var settings: ServerSettings
    /// Reads them anew, for a reload; nil: they stay.
    private let rereads: (() throws -> SettingsLayer)?
    let application: String
    let log: ErrorLog
    let distribution: Distribution
    let program: WorkerProgram
    let scoreboard: Scoreboard
    let bell: EventDescriptor
    let signals: SignalDescriptor
    let children: ChildFactory
    let startedAt = MonotonicClock.unixTime()
    var supervisor: SupervisorStateMachine
    var listeners: [Listener] = []
    var areListenersClosed = false
    /// Where workers are forked from with `preload_app`.
    var seeds = SeedPool()
    /// The service manager has opened them: see ``SocketActivation``.
    var areListenersActivated = false
    /// When the stop begins that was asked for; nil if none was, or it has begun. CLOCK_MONOTONIC, nanoseconds.
    var stopAt: UInt64?
    /// A stop that waits for the queues of the listeners.
    var drain: ListenerDrain?
    /// Children that this process had before it was talon: of a script that ends with `exec talon`. Nobody's business.
    var elders: Set<Int32> = []
    /// By slot.
    var workers: [Int: RunningWorker] = [:]
    /// What becomes of every outcome; it also has the breakers that the master and all workers share.
    let account: HookAccount
    /// nil until the default hooks are loaded, before anything else.
    var hooks: MasterHooks?
    var exporter: ExporterProcess?
    /// nil until the folder of the files is there, and without metrics.
    var metrics: MasterMetrics?
    var reloadWatch = ReloadWatch()
    /// nil without `reload`.
    var sources: SourceWatch?
    /// Who asked for the reload that is under way.
    var whenReloadEnds: ((ReloadEnd) -> Void)?
    var sampling = WorkerSampling()
    /// The latest one that is over, and when that was: unix time, nanoseconds.
    var lastReload: (end: ReloadEnd, at: UInt64)?
    var tally = ServerTally()
    /// nil before the sockets are opened.
    var control: ControlServer?
    /// What workers used at the latest reading, by pid; CLOCK_MONOTONIC, nanoseconds.
    var usages: [Int32: (usage: ProcessUsage, at: UInt64)] = [:]
    var outOfMemoryKills = OutOfMemoryKills()
    /// nil unless the setting names a folder.
    var exitRecords: ExitRecordFile?
    /// CLOCK_MONOTONIC, nanoseconds.
    var measureAt: UInt64 = 0
    var statsDNews = StatsDNews()
    /// Listeners whose accept queue the kernel does not tell.
    var untoldQueues: Set<ListenAddress> = []
    var status: Int32?
    /// Where talon was started: relative paths of plugins begin there.
    let directory: String
    /// The plugins of each generation that has workers.
    var sets: [UInt64: PluginSet] = [:]
    /// In every set, last.
    var defaultHooks: PluginMember
    /// Plugins with a runner or an image, by index.
    var adopted: [Int: PluginMember] = [:]
    /// Indices that some process may still know.
    var usedIndices: Set<Int> = []
    /// Plugins that the metrics show as in use, by index.
    var shown: [Int: PluginMember] = [:]
    var needsTidying = false
    /// The number of workers that plugins were told last.
    var announcedWorkers = 0
    var hasRunOnStopping = false
    /// What plugins have requested; performed when no call is under way.
    var requests: [SupervisorEvent] = []
    var waitingActions: [SupervisorAction] = []
    var isPerforming = false
    /// A child has ended that may be none of ours.
    var orphansMayWait = false
    var pidFile: PidFile?
    /// nil if nobody wants to be told.
    var service: ServiceManager?
    /// nil unless the server runs in the background.
    let detachment: Detachment?
    /// A worker has served.
    var isServing = false
    var isReloading = false
    /// The master that started this one, while it lives.
    var predecessor: Predecessor?
    /// The master that this one has started, while it lives.
    var successor: ChildProcess?

    static let caughtSignals: [Signal] = [
        .hangup, .interrupt, .quit, .terminate, .user1, .user2, .ttyIn, .ttyOut, .windowChange, .child,
    ]

    /// Gathers what the master needs. `directory` is where talon was started. Throws why the server cannot start.
    package init(
        _ settings: ServerSettings, application: String, directory: String, log: ErrorLog,
        detachment: Detachment? = nil, rereads: (() throws -> SettingsLayer)? = nil
    ) throws(StartError) {
        self.rereads = rereads
        self.detachment = detachment
        self.directory = directory
        self.settings = settings
        self.application = application
        self.log = log
        distribution = try .find()
        program = try .of(application: application, settings: settings)
        // Room for a reload of many more workers than were asked for; memory is used only for slots in use.
        let slots = max(64, max(settings.workers, settings.workerRange?.upperBound ?? 0) * 4)
        supervisor = SupervisorStateMachine(
            workers: settings.workers, limits: settings.limits(slots: slots), range: settings.workerRange)
        do {
            // The main thread's lane, and one for each application thread.
            scoreboard = try .create(slotCount: slots, laneCount: 1 + settings.concurrentRequests)
            account = HookAccount(breakers: try .create(), log: log, metrics: nil)
            bell = try .create()
            defaultHooks = PluginMember(try PluginFile.inspect(distribution.defaultHooks).own)
            signals = try .open(Master.caughtSignals)
        } catch {
            throw StartError("talon: \(error)", status: 1)
        }
        Signal.pipe.ignore()
        exitRecords = settings.exitRecords.map { ExitRecordFile(folder: $0) }
        let identity = try WorkerIdentity.find(settings)
        sources = try settings.reloadsOnChange ? .of(settings, program, log) : nil
        children = ChildFactory(
            distribution: distribution, settings: settings, application: application, scoreboard: scoreboard,
            bell: bell, breakers: account.breakers.descriptor, startedAt: startedAt, directory: directory, log: log,
            identity: identity, notes: sources?.notes.writer,
            python: try PythonHooks.interpreter(settings, program))
    }

    /// Runs the server until it is told to stop. Returns the exit status.
    package func run() throws(StartError) -> Int32 {
        log.info("Starting talon \(TalonVersion.text)")
        elders = Set(AdoptedProcess.all(besides: []))
        do {
            try ThisProcess.becomeSubreaper()
        } catch {
            throw StartError("talon: \(error)", status: 1)
        }
        predecessor = try .received()
        let activated = try SocketActivation.received()
        let suffix = predecessor == nil ? "" : ".2"
        showTitle()
        service = ServiceManager(log: log)
        if let folder = settings.workerTemporaryFolder {
            log.debug("worker_tmp_dir \(folder): there is nothing to put there")
        }
        giveLogFiles()
        pidFile = try settings.pidFile.map { path throws(StartError) in try .create(path + suffix) }
        defer { pidFile?.remove() }
        defer { closeListeners(removingSockets: true) }
        try checkEndpoint()
        try checkSockets()
        removeFormerMetrics()
        exporter = ExporterProcess(log: log, inherited: predecessor?.metrics) {
            [children] listener throws(SystemError) in
            try children.exporter(listener)
        }
        let hooks = try makeHooks()
        self.hooks = hooks
        defer { finishHelpers() }
        do {
            sets[supervisor.generation] = try findPlugins(inUse: nil)
        } catch {
            throw StartError("talon: \(error.reason)", status: 1)
        }
        announceWorkers(supervisor.target, in: pluginSet)
        let verdict = hooks.run(.onStarting, pluginSet)
        if case .denied(let plugin) = verdict {
            throw StartError("talon: plugin \(plugin) denied the start (on_starting)", status: 78)
        }
        try require(verdict, .onStarting)
        giveMetricFiles()
        let store = makeStore()
        hooks.openStore(store)
        openMetrics(store)
        tidyPlugins()
        try openListeners(activated: activated)
        children.place = listeners.first?.place
        log.info("Listening at: \(listenerNames.joined(separator: ",")) (\(ThisProcess.pid))")
        log.info("Using worker: \(settings.workerKind.rawValue)")
        if let automatic = settings.automaticWorkers {
            log.info("Workers: \(settings.workers), for \(automatic.cpus) CPUs and \(automatic.memory >> 20) MiB")
        }
        if settings.preloads, seedInterpreter == nil {
            log.debug("preload_app has no effect: workers share the code of a native application anyway")
        }
        if sources != nil { log.warning("Reloader is on. Use in development only!") }
        try require(hooks.run(.whenReady, pluginSet), .whenReady)
        openControl()
        defer { control?.close() }
        perform(supervisor.handle(.start, now: MonotonicClock.now()))
        let status = loop()
        seeds.finish()  // what its application has started comes up now
        endLeftProcesses()
        pidFile?.remove()
        _ = hooks.run(.onExit, pluginSet)
        hooks.runners.settle(before: MonotonicClock.now() + HookPoint.childExit.timeLimit)
        return status
    }

    /// A plugin without which the server is not to start.
    private func require(_ verdict: HookVerdict, _ point: HookPoint) throws(StartError) {
        if let reason = verdict.reason(point) { throw StartError("talon: \(reason)", status: 1) }
    }

    /// Before anything of this server counts.
    private func removeFormerMetrics() {
        guard settings.metricsEnabled, settings.cleansMetricFiles else { return }
        do {
            try FormerRun.remove(from: settings.metricsDirectory, slots: scoreboard.slotCount)
        } catch {
            log.error("The metric files of former runs stay: \(error.description)")
        }
    }

    private func makeStore() -> MetricStore? {
        guard settings.metricsEnabled else { return nil }
        let log = log
        return MetricStore(directory: settings.metricsDirectory, identifier: "master") { log.error($0) }
    }

    func finishHelpers() {
        seeds.finish()
        exporter?.finish()
        hooks?.runners.finish()
    }

    var serverFacts: HookFacts.Server {
        let address = (listeners.first?.address ?? settings.addresses.first)?.parts
        return HookFacts.Server(
            pid: ThisProcess.pid, name: application, version: TalonVersion.text, address: address?.host ?? "",
            port: listeners.isEmpty ? 0 : UInt32(address?.port ?? 0),
            workers: UInt32(supervisor.target), generation: UInt32(truncatingIfNeeded: supervisor.generation),
            startedAt: startedAt)
    }
}

/// A worker that was started.
struct RunningWorker {
    let process: ChildProcess
    let age: UInt64
    let generation: UInt64
    /// The lane that was in plugin code for too long, if one was: the worker is killed for it.
    var overranIn: Int?

    var pid: Int32 { process.pid }

    /// As hooks are told.
    func facts(slot: Int, _ exit: HookFacts.Exit?) -> HookFacts.Worker {
        .init(
            slot: UInt32(truncatingIfNeeded: slot), age: age, pid: pid,
            generation: UInt32(truncatingIfNeeded: generation), exit: exit)
    }
}

extension Master {
    /// The settings as they are now in their sources. Throws why they cannot be used.
    func settingsAnew() throws(PluginsRefused) -> ServerSettings {
        guard let rereads else { return settings }
        do {
            let (new, kept) = try settings.reloaded(try rereads())
            let slots = supervisor.limits.slots
            guard new.workers * 2 <= slots else {
                throw SettingsError(
                    code: .value,
                    message: "workers: \(new.workers) are more than the server has room for (\(slots / 2)); restart it")
            }
            if !kept.isEmpty {
                log.warning("Changed, and in force after a restart only: \(kept.joined(separator: ", "))")
            }
            return new
        } catch let error as SettingsError {
            throw PluginsRefused(reason: error.message)
        } catch {
            let text = "\(error)"
            throw PluginsRefused(reason: String(text.dropping(prefix: "talon: ") ?? text[...]))
        }
    }

    /// Goes by these from now on.
    func adopt(_ new: ServerSettings) {
        settings = new
        children.settings = new
        supervisor.configure(workers: new.workers, limits: new.limits(slots: supervisor.limits.slots))
    }
}

extension ServerSettings {
    fileprivate func limits(slots: Int) -> SupervisorStateMachine.Limits {
        SupervisorStateMachine.Limits(
            timeout: UInt64(timeout) * nanosecondsPerSecond, graceful: UInt64(gracefulTimeout) * nanosecondsPerSecond,
            boot: UInt64(bootTimeout) * nanosecondsPerSecond, bootRetries: bootRetries, softMemory: maxWorkerMemory,
            hardMemory: maxWorkerMemoryHard, slots: slots)
    }
}
