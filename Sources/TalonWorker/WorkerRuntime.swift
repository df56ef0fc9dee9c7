import CTalonWorker
import Synchronization
package import TalonHTTP
import TalonHooks
import TalonMetrics
package import TalonPlatform
package import TalonSettings

/// A worker: takes over what the master left, and serves with whatever application its host brings.
///
/// Made once in a process. Its state belongs to the main thread, except what is marked.
package final class WorkerRuntime {
    package let inheritance: Inheritance
    /// Any thread.
    package let log: ErrorLog
    package let slot: ScoreboardSlot
    let scoreboard: Scoreboard
    /// By ``Exchange/thread``.
    let lanes: [ScoreboardLane]
    /// Any thread. nil without metrics.
    let metrics: WorkerMetrics?
    let bell: EventDescriptor
    let signals: SignalPipe
    let accessLog: AccessLogWriter?
    /// nil without StatsD. Any thread.
    let statistics: RequestStatistics?
    /// nil until ``begin()``.
    private(set) var hooks: WorkerHooks?
    private let store: MetricStore?
    private let breakers: BreakerTable
    private(set) var server: HTTPServer?
    /// nil: the sockets speak in clear.
    private(set) var tls: TLSContext?
    var application: (any WorkerApplication)?

    /// Status with which the process will end; set before the loop ends.
    var exitStatus: Int32 = 0
    /// The one of ``stop(status:)``. Any thread.
    let stopStatus = AtomicStatus()
    var isInterrupted = false
    private var isOrphan = false
    /// The end needs no hooks any more: they have run, or must not run.
    private var hasEnded = false
    private var parentCheckedAt: UInt64 = 0
    private var usage: (reading: ProcessUsage, at: UInt64)?
    private let startedAt = MonotonicClock.now()
    /// With which of its requests it asks to be replaced.
    private let requestLimit: UInt64

    /// Seconds that a worker lives on without its master, if it is stuck.
    private static let deathLimit: Int32 = 4
    private static let samplingInterval = 5 * nanosecondsPerSecond

    /// Reads what the master left on the fixed descriptors. Throws a sentence.
    package init() throws(BootError) {
        guard let inheritance = Inheritance.received() else {
            throw BootError("a worker is started by the master, not by hand: descriptor 3 has no inheritance")
        }
        self.inheritance = inheritance
        threads = max(1, inheritance.number("threads", default: 1))
        kind = inheritance.setting("talon.worker_kind").flatMap { WorkerKind(rawValue: $0) } ?? .sync
        let log: ErrorLog
        do {
            log = try inheritance.openErrorLog()
            scoreboard = try Scoreboard.attach(FileDescriptor(rawValue: Inheritance.Place.scoreboard))
            slot = scoreboard[inheritance.slot]
            breakers = try .attach(FileDescriptor(rawValue: Inheritance.Place.breakers))
            // Until it serves, a worker has nothing to finish: TERM, INT and QUIT end it as they end any program.
            signals = try SignalPipe.open(catching: [.hangup, .user1, .windowChange])
            Signal.interrupt.restoreDefault()
            accessLog = try AccessLogWriter(inheritance)
        } catch {
            throw BootError("\(error)")
        }
        self.log = log
        statistics = log.statsD.map { RequestStatistics($0) }
        bell = EventDescriptor(inherited: FileDescriptor(rawValue: Inheritance.Place.bell))
        slot.pid = ThisProcess.pid
        slot.heartbeat = MonotonicClock.now()
        let name = inheritance.setting("proc_name") ?? inheritance.application
        ThisProcess.setTitle("talon: worker [\(name)]")
        ThisProcess.name = "talon: worker"
        DeathWatch.arm(master: inheritance.masterPid, seconds: WorkerRuntime.deathLimit)
        log.info("Booting worker with pid: \(ThisProcess.pid)")
        store = WorkerRuntime.openStore(inheritance, log)
        let endpoints =
            inheritance.setting("metrics_endpoints") == "true"
            ? inheritance.number("metrics_endpoints_limit", default: 100) : nil
        metrics = store.map { WorkerMetrics(store: $0, slot: inheritance.slot, endpointLimit: endpoints) }
        lanes = slot.lanes
        requestLimit = WorkerRuntime.requestLimit(inheritance)
    }

    /// `max_requests`, and by chance up to `max_requests_jitter` more; without it, more than there ever are.
    private static func requestLimit(_ inheritance: Inheritance) -> UInt64 {
        let limit = UInt64(max(0, inheritance.number("max_requests", default: 0)))
        let jitter = UInt64(max(0, inheritance.number("max_requests_jitter", default: 0)))
        return limit == 0 ? .max : limit + UInt64.random(in: 0...jitter)
    }

    private static func openStore(_ inheritance: Inheritance, _ log: ErrorLog) -> MetricStore? {
        guard inheritance.setting("metrics") != "false", let directory = inheritance.setting("prometheus_multiproc_dir")
        else { return nil }
        return MetricStore(directory: directory, identifier: "\(inheritance.slot)") { log.error($0) }
    }

    // MARK: Hooks

    /// Loads the plugins and runs the hooks of post_fork. Throws what the log must tell.
    package func begin() throws(BootError) {
        guard !inheritance.checksOnly else { return }
        let hooks = WorkerHooks(inheritance, breakers: breakers, slot: slot, log: log, store: store) {
            [unowned self] reason, isCrash in isCrash ? retire(reason) : askForReplacement(reason)
        }
        self.hooks = hooks
        do throws(BootError) {
            try hooks.load()
            if let error = hooks.run(.postFork) { throw error }
        } catch {
            throw doomed(by: error)
        }
    }

    /// Runs the hooks of worker_exit and lets the plugins tidy up, once. The last thing that a worker does; not in a
    /// process that a crash has left in doubt before it served.
    package func end() {
        guard !hasEnded else { return }
        hasEnded = true
        hooks?.run(.workerExit)
        // A thread that is still in a request may yet call a hook of it.
        if server?.isBusy != true { hooks?.destroy() }
    }

    private func doomed(by error: BootError) -> BootError {
        if error.status == TALON_EXIT_TAINTED { hasEnded = true }
        return error
    }

    /// Finishes what runs and ends, so that the master starts another worker. False if it does not serve. Any thread.
    private func retire(_ reason: String) -> Bool {
        guard slot.state == .ready else { return false }
        // A hook may ask for it again and again until the loop turns.
        guard isRetiring.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return true
        }
        log.warning(WorkerRuntime.retirement(reason))
        slot.leave(.plugin)
        stop(status: 0)
        return true
    }

    private let isRetiring = Atomic(false)

    /// Has the master start another worker and then end this one, which serves until then. False if it does not serve.
    /// Any thread.
    private func askForReplacement(_ reason: String) -> Bool {
        guard slot.state == .ready else { return false }
        guard slot.wish == .none else { return true }
        log.warning(WorkerRuntime.retirement(reason))
        wish(.plugin)
        return true
    }

    private func wish(_ reason: WorkerFarewell) {
        if slot.wish == .none { slot.wish = reason }
        bell.ring()
    }

    /// It has begun as many requests as it may: it asks for another in its place, once. Any application thread.
    private func reachedRequestLimit() {
        log.info("Autorestarting worker after current request.")
        wish(.maxRequests)
    }

    /// What the log says of a worker that goes of its own accord.
    static func retirement(_ reason: String) -> String { "Worker (pid:\(ThisProcess.pid)) retires: \(reason)" }

    // MARK: Serving

    /// Application threads beside the loop's; 1 means that the application runs on the loop's thread.
    package let threads: Int
    package let kind: WorkerKind

    /// Makes the server. Throws a sentence.
    /// `takesAbort`: the application's host lets ABRT break off what it runs.
    func prepareServer(takesAbort: Bool = false) throws(BootError) {
        var configuration = HTTPServerConfiguration()
        configuration.threads = threads
        configuration.limits = HTTPLimits(inheritance)
        configuration.proxies = ProxyTrust(inheritance)
        configuration.proxyProtocol = ProxyProtocol(inheritance)
        tls = try .ofSockets(inheritance)
        configuration.isSecure = tls != nil
        configuration.http2 = try .ofSockets(inheritance)
        configuration.connectionLimit = inheritance.number("worker_connections", default: 1000)
        if kind.isAsynchronous {
            configuration.isAsynchronous = true
            // Each request has a lane, and there are as many as there were to be when the server started.
            configuration.connectionLimit = min(configuration.connectionLimit, lanes.count - 1)
        }
        // In one thread a request that waits for its client holds the loop: the client's time must end before `timeout`.
        let timeout = inheritance.number("timeout", default: 30)
        if threads == 1, !kind.isAsynchronous, timeout > 0 { configuration.patience = Int32(min(60, timeout) * 500) }
        // An idle worker must be seen to live well within `timeout`: each turn of the loop is a sign of life.
        if timeout > 0 { configuration.pause = Int32(min(4, timeout) * 250) }
        // For a worker that retires of its own accord. The master ends the others, and comes first.
        let graceful = inheritance.number("graceful_timeout", default: 30)
        configuration.stopLimit = UInt64(graceful + 1) * nanosecondsPerSecond
        configuration.keepAlive = UInt64(inheritance.number("keepalive", default: 2)) * nanosecondsPerSecond
        do {
            let server = try HTTPServer(
                listeners: try openListeners(), configuration: configuration, delegate: self)
            server.watch(signals.descriptor)
            try signals.catch([.terminate, .interrupt, .quit])
            // Else ABRT does what it did before: it ends the process, or the application has its own way. With threads the
            // loop can see to the requests that go on.
            if takesAbort || threads > 1 || hooks?.has(.workerAbort) == true { try signals.catch([.abort]) }
            self.server = server
        } catch {
            throw BootError("\(error)")
        }
    }

    /// With `reuse_port` those of TCP are this worker's own, and begin to listen now that somebody can accept.
    private func openListeners() throws(SystemError) -> [Listener] {
        let listeners = inheritance.openListeners
        guard inheritance.ownsListeners else { return listeners }
        for listener in listeners where listener.address.isTCP {
            try listener.listen(backlog: Int32(inheritance.number("backlog", default: 2048)))
        }
        return listeners
    }

    /// Says ready and serves until told to stop. Returns the exit status.
    func serve() -> Int32 {
        guard let server, !inheritance.checksOnly else { return inheritance.checksOnly ? 0 : TALON_EXIT_BOOT_FAILED }
        if let status = open() { return status }
        while server.turn(upTo: server.pause) {}
        return close()
    }

    /// Says ready. Returns the exit status if the worker is not to serve. ``close()`` is due when the server has ended.
    func open() -> Int32? {
        guard let server else { return TALON_EXIT_BOOT_FAILED }
        guard !inheritance.checksOnly else { return 0 }
        if let error = hooks?.run(.postWorkerInit).map(doomed) {
            log.error(error.description)
            // The application threads wait for requests already.
            server.stop()
            server.finish()
            return error.status
        }
        slot.heartbeat = MonotonicClock.now()
        slot.state = .ready
        bell.ring()
        return nil
    }

    /// The server has ended. Returns the exit status.
    func close() -> Int32 {
        guard let server else { return exitStatus }
        server.finish()
        statistics?.flush()
        if server.isBroken {
            log.critical("The application or a plugin has closed descriptors of the worker, which cannot go on")
            exitStatus = 1
        }
        if exitStatus == 0, !isInterrupted, server.isBusy {
            log.warning("Requests were still running after graceful_timeout; they are broken off")
        }
        log.info("Worker exiting (pid: \(ThisProcess.pid))")
        return exitStatus
    }
}

extension WorkerRuntime: HTTPServerDelegate {
    package func handle(_ exchange: Exchange) -> Bool {
        note(exchange)
        if slot.countRequest() == requestLimit { reachedRequestLimit() }
        return application?.handle(exchange) ?? false
    }

    package func finished(_ exchange: Exchange) {
        if !exchange.isBrokenOff {
            metrics?.finished(exchange)
            accessLog?.write(exchange)
            statistics?.count(status: exchange.status, nanoseconds: exchange.endedAt &- exchange.startedAt)
        }
        application?.finished(exchange)
        lanes[exchange.thread].end()
    }

    package func accepted(open: Int) {
        slot.connections = open
        metrics?.accepted()
    }

    package func closed(_ connection: Connection, open: Int) {
        slot.connections = open
        metrics?.closed(connection)
    }

    package func lent(_ count: Int) { slot.lent = count }

    package func rejected(_ rejection: Rejection, from peer: Peer) {
        log.warning("Invalid request from ip=\(peer.address.text): \(rejection.detail)")
        metrics?.rejected(rejection)
    }

    package func turned(now: UInt64) {
        slot.heartbeat = now
        statistics?.turned(now: now)
        if now - parentCheckedAt > nanosecondsPerSecond {
            checkParent(now)
            SignalPipe.unblock()
            // While it serves the master sees to that, by ABRT.
            if kind.isAsynchronous {
                cutOverdue()
            } else if slot.state != .ready {
                breakOffOverdue()
            }
        }
        if let usage, now - usage.at < WorkerRuntime.samplingInterval { return }
        sample(now)
    }

    package func readable(_ descriptor: FileDescriptor) {
        for signal in signals.read() { take(signal) }
    }

    package func exhausted(errno: Int32) {
        log.error("No connection can be accepted: \(SystemError.text(of: errno)); raise the limit of open files")
    }

    /// The kernel's signal at the master's death may have been lost: the application can take the handler away.
    private func checkParent(_ now: UInt64) {
        parentCheckedAt = now
        guard ThisProcess.parentPid != inheritance.masterPid, !isOrphan else { return }
        isOrphan = true
        log.info("Parent changed, shutting down: <Worker \(ThisProcess.pid)>")
        DeathWatch.check()
        quitting()
        server?.drain()
    }

    private func sample(_ now: UInt64) {
        guard let metrics, let reading = ProcessUsage.of(ThisProcess.pid) else {
            usage = usage.map { ($0.reading, now) } ?? (ProcessUsage.none, now)
            return
        }
        let percent = usage.map { reading.cpuPercent(since: $0.reading, elapsed: now - $0.at) } ?? 0
        usage = (reading, now)
        metrics.sample(
            reading, cpuPercent: percent, uptimeSeconds: Double(now - startedAt) / 1e9,
            state: slot.state == .ready ? "running" : "quitting")
    }
}

/// What answers requests in a worker.
protocol WorkerApplication: AnyObject {
    /// True if the response is complete. On a thread that runs the application.
    func handle(_ exchange: Exchange) -> Bool

    /// The response is out. On the same thread.
    func finished(_ exchange: Exchange)

    /// It waits on a client: a lock of its runtime need not hold others up meanwhile. On the same thread.
    func willBlock()
    func didBlock()

    /// The client of a request that takes too long was answered, or its response is to be cut. On the loop's thread.
    func cancel(_ exchange: Exchange)
}
