import TalonHooks
import TalonMetrics
package import TalonPlatform
package import TalonSettings

/// The master: opens the listeners, keeps the workers alive, runs the hooks of its side, obeys signals.
///
/// One thread, one loop, no code but Talon's own. It decides nothing: ``SupervisorStateMachine`` does.
package final class Master {
    let settings: ServerSettings
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
    /// By slot.
    var workers: [Int: ChildProcess] = [:]
    var hooks: MasterHooks?
    var exporter: ExporterProcess?
    var status: Int32?
    /// In declared order, the default hooks last; the ledger counts in this order.
    var plugins: [InheritedPlugin] = []
    /// Seen alike by the master and all workers.
    let breakers: BreakerTable
    /// Slots whose worker was killed for staying in plugin code.
    var overran: Set<Int> = []
    var waitingActions: [SupervisorAction] = []
    var isPerforming = false
    /// A child has ended that may be none of ours.
    var orphansMayWait = false
    private var pidFile: PidFile?

    /// Gathers what the master needs. Throws why the server cannot start.
    package init(_ settings: ServerSettings, application: String, log: ErrorLog) throws(StartError) {
        self.settings = settings
        self.application = application
        self.log = log
        distribution = try .find()
        program = try .of(application: application, settings: settings)
        // Room for a reload of many more workers than were asked for; memory is used only for slots in use.
        let slots = max(64, settings.workers * 4)
        supervisor = SupervisorStateMachine(workers: settings.workers, limits: settings.limits(slots: slots))
        do {
            // The main thread's lane, and one for each application thread.
            scoreboard = try .create(slotCount: slots, laneCount: 1 + settings.threads)
            breakers = try .create()
            bell = try .create()
            signals = try .open([
                .hangup, .interrupt, .quit, .terminate, .user1, .user2, .ttyIn, .ttyOut, .windowChange, .child,
            ])
        } catch {
            throw StartError("talon: \(error)", status: 1)
        }
        Signal.pipe.ignore()
        children = ChildFactory(
            distribution: distribution, settings: settings, application: application, scoreboard: scoreboard,
            bell: bell, breakers: breakers.descriptor, startedAt: startedAt, log: log)
    }

    /// Runs the server until it is told to stop. Returns the exit status.
    package func run() throws(StartError) -> Int32 {
        log.info("Starting talon \(TalonVersion.text)")
        pidFile = try settings.pidFile.map { path throws(StartError) in try .create(path) }
        defer { pidFile?.remove() }
        defer { closeListeners(removingSockets: true) }
        exporter = ExporterProcess(log: log) { [children] listener throws(SystemError) in
            try children.exporter(listener)
        }
        hooks = try makeHooks()
        defer { finishHelpers() }
        let veto = hooks?.run(.onStarting)
        hooks?.openStore()
        if let plugin = veto {
            throw StartError("talon: plugin \(plugin) denied the start (on_starting)", status: 78)
        }
        try openListeners()
        let shown = listeners.map(\.address.description).joined(separator: ",")
        log.info("Listening at: \(shown) (\(ThisProcess.pid))")
        log.info("Using worker: \(settings.workerKind.rawValue)")
        _ = hooks?.run(.whenReady)
        perform(supervisor.handle(.start, now: MonotonicClock.now()))
        let status = loop()
        pidFile?.remove()
        _ = hooks?.run(.onExit)
        return status
    }

    private func finishHelpers() {
        exporter?.finish()
        hooks?.finish()
    }

    var facts: HookFacts {
        let address = (listeners.first?.address ?? settings.addresses.first)?.parts
        return HookFacts(
            server: .init(
                pid: ThisProcess.pid, name: application, version: TalonVersion.text, address: address?.host ?? "",
                port: listeners.isEmpty ? 0 : UInt32(address?.port ?? 0),
                workers: UInt32(supervisor.target), generation: UInt32(truncatingIfNeeded: supervisor.generation),
                startedAt: startedAt))
    }
}

extension ServerSettings {
    /// A worker may take this long to boot, whatever `timeout` says; a larger `timeout` lengthens it, and 0 lifts it.
    private static let bootTime = 60

    fileprivate func limits(slots: Int) -> SupervisorStateMachine.Limits {
        SupervisorStateMachine.Limits(
            timeout: UInt64(timeout) * nanosecondsPerSecond, graceful: UInt64(gracefulTimeout) * nanosecondsPerSecond,
            boot: timeout == 0 ? 0 : UInt64(max(timeout, ServerSettings.bootTime)) * nanosecondsPerSecond,
            slots: slots)
    }
}
