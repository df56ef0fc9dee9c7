import TalonPlatform

/// The exporter's process: started on request, started again when it ends, on the same listening socket.
///
/// Its port may be taken, by the server before this one or by another program: then it is tried again and again, and
/// nothing waits for it.
final class ExporterProcess {
    private let log: ErrorLog
    private let describe: (Listener) throws(SystemError) -> ProcessDescription
    private(set) var listener: Listener?
    /// The socket that another master handed over; taken at the first start on its address.
    private var inherited: Listener?
    private(set) var process: ChildProcess?
    private var failures = 0
    private var startedAt: UInt64 = 0
    /// When the process that has ended is started again, or the port tried again; CLOCK_MONOTONIC, nanoseconds.
    private(set) var nextDeadline: UInt64?
    private var search: PortSearch?

    /// An exporter that has lived so long starts anew with no failures counted.
    private static let steady = 10 * nanosecondsPerSecond

    init(
        log: ErrorLog, inherited: Listener? = nil,
        describe: @escaping (Listener) throws(SystemError) -> ProcessDescription
    ) {
        self.log = log
        self.inherited = inherited
        self.describe = describe
    }

    /// What came of a request to start.
    enum Start: Equatable {
        /// It runs, and did before if it was asked for twice.
        case started
        /// Its port is taken; it is tried again.
        case waiting
        /// errno.
        case failed(Int32)
    }

    /// Opens the port and starts the process.
    func start(on address: ListenAddress) -> Start {
        if listener != nil { return .started }
        if search != nil { return .waiting }
        do {
            try open(address)
            return .started
        } catch  where error.errno == addressInUse {
            var search = PortSearch(address: address)
            say(search.failed())
            nextDeadline = MonotonicClock.now() + search.delay
            self.search = search
            return .waiting
        } catch {
            log.error("Metrics server: \(error)")
            return .failed(error.errno)
        }
    }

    private func open(_ address: ListenAddress) throws(SystemError) {
        let listener: Listener
        if let inherited = takeInherited(for: address) {
            listener = inherited
        } else {
            listener = try Listener.open(address)
        }
        self.listener = listener
        do {
            try spawn()
        } catch {
            listener.descriptor.close()
            self.listener = nil
            throw error
        }
    }

    /// What was handed over is of use on the same port only; else it is closed.
    private func takeInherited(for address: ListenAddress) -> Listener? {
        defer { inherited = nil }
        guard let inherited else { return nil }
        if inherited.address.parts.port == address.parts.port { return inherited }
        inherited.descriptor.close()
        return nil
    }

    private func spawn() throws(SystemError) {
        guard let listener else { return }
        process = try ChildProcess.spawn(try describe(listener))
        startedAt = MonotonicClock.now()
    }

    /// The process has ended.
    func ended() {
        guard let status = process?.reap() else { return }
        process = nil
        let now = MonotonicClock.now()
        if now - startedAt > ExporterProcess.steady { failures = 0 }
        nextDeadline = now + BackOff.delay(failures: failures)
        failures += 1
        log.error("Metrics server \(status.phrase); it is started again")
    }

    /// Starts it again, or tries its port again, when the time for that has come.
    func maintain(now: UInt64) {
        guard let time = nextDeadline, now >= time else { return }
        nextDeadline = nil
        if let search { return tryAgain(search, now) }
        do {
            try spawn()
        } catch {
            log.error("Metrics server: \(error)")
            nextDeadline = now + BackOff.delay(failures: failures)
            failures += 1
        }
    }

    private func tryAgain(_ former: PortSearch, _ now: UInt64) {
        do {
            try open(former.address)
            search = nil
            log.info("Metrics server started successfully on port \(former.address.parts.port)")
        } catch {
            // Another trouble than the port may pass too.
            var search = former
            say(search.failed())
            nextDeadline = now + search.delay
            self.search = search
        }
    }

    private func say(_ message: (level: LogLevel, text: String)?) {
        if let message { log.write(message.level, message.text) }
    }

    /// Ends it and closes its port; waits a moment for that. It can be started again.
    func finish() {
        nextDeadline = nil
        search = nil
        listener?.descriptor.close()
        listener = nil
        guard let process else { return }
        Signal.user2.send(to: process.pid)
        if process.descriptor.waitUntil(1, timeoutMilliseconds: 2500) {
            _ = process.reap()
        } else {
            process.killAndReap()
        }
        self.process = nil
    }
}
