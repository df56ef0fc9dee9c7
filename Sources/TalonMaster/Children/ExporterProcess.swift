import TalonPlatform

/// The exporter's process: started on request, started again when it ends, on the same listening socket.
final class ExporterProcess {
    private let log: ErrorLog
    private let describe: (Listener) throws(SystemError) -> ProcessDescription
    private(set) var listener: Listener?
    /// The socket that another master handed over; taken at the first start on its address.
    private var inherited: Listener?
    private(set) var process: ChildProcess?
    private var failures = 0
    private var startedAt: UInt64 = 0
    /// CLOCK_MONOTONIC, nanoseconds.
    private(set) var startAgainAt: UInt64?

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

    /// Opens the port and starts the process. 0 or an errno.
    func start(on address: ListenAddress) -> Int32 {
        guard listener == nil else { return 0 }
        do {
            if let inherited = takeInherited(for: address) {
                listener = inherited
            } else {
                listener = try Listener.open(address)
            }
            try spawn()
            return 0
        } catch {
            log.error("Metrics server: \(error)")
            listener?.descriptor.close()
            listener = nil
            return error.errno
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
        startAgainAt = now + BackOff.delay(failures: failures)
        failures += 1
        log.error("Metrics server \(status.phrase); it is started again")
    }

    /// Starts it again when its time has come.
    func maintain(now: UInt64) {
        guard let time = startAgainAt, now >= time else { return }
        startAgainAt = nil
        do {
            try spawn()
        } catch {
            log.error("Metrics server: \(error)")
            startAgainAt = now + BackOff.delay(failures: failures)
            failures += 1
        }
    }

    /// Ends it and closes its port; waits a moment for that. It can be started again.
    func finish() {
        startAgainAt = nil
        listener?.descriptor.close()
        listener = nil
        guard let process else { return }
        Signal.user2.send(to: process.pid)
        if process.descriptor.waitUntil(1, timeoutMilliseconds: 1000) {
            _ = process.reap()
        } else {
            process.killAndReap()
        }
        self.process = nil
    }
}
