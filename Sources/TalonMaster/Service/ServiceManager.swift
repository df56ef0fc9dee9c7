import TalonPlatform

/// The service manager that started the server, if it wants to be told of its state; sd_notify(3).
///
/// It says so by `NOTIFY_SOCKET`, a path or `@` and an abstract name, and by `WATCHDOG_USEC` with `WATCHDOG_PID` if it
/// wants a sign of life. Hook runners keep the variables, for plugins that tell it more; workers and exporter, which run
/// what has no say in that, do not get them.
final class ServiceManager {
    enum Variable {
        static let socket = "NOTIFY_SOCKET"
        static let watchdog = "WATCHDOG_USEC"
        static let watchdogPid = "WATCHDOG_PID"

        static let all = [socket, watchdog, watchdogPid]
    }

    private let path: String
    private let log: ErrorLog
    /// Nanoseconds between two signs of life; nil if none is wanted.
    private let interval: UInt64?
    /// When the next one is due; CLOCK_MONOTONIC, nanoseconds.
    private(set) var nextDeadline: UInt64?
    private(set) var isReady = false
    private var status = ""

    /// nil if nobody wants to be told.
    init?(log: ErrorLog) {
        guard let path = ThisProcess.environment(Variable.socket), !path.isEmpty else { return nil }
        guard path.hasPrefix("/") || path.hasPrefix("@") else {
            log.warning("\(Variable.socket) is \(path.debugDescription), neither a path nor @NAME; nobody is notified")
            return nil
        }
        self.path = path
        self.log = log
        interval = ServiceManager.interval(
            ThisProcess.environment(Variable.watchdog), for: ThisProcess.environment(Variable.watchdogPid))
        nextDeadline = interval.map { MonotonicClock.now() + $0 }
    }

    /// Half of what the manager waits for at most, in nanoseconds; nil if the variables mean another process.
    static func interval(_ microseconds: String?, for pid: String?) -> UInt64? {
        guard let limit = microseconds.flatMap({ UInt64($0) }), limit > 0, limit < UInt64.max / 1000 else { return nil }
        if let pid, !pid.isEmpty, Int32(pid) != ThisProcess.pid { return nil }
        return max(limit * 1000 / 2, 1_000_000)
    }

    /// The server serves. `pid` is the process that the manager is to watch.
    func ready(_ status: String) {
        isReady = true
        self.status = status
        send("READY=1", "STATUS=\(status)", "MAINPID=\(ThisProcess.pid)")
    }

    /// A reload has begun; ``ready(_:)`` ends it.
    func reloading() {
        send("RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.now() / 1000)", "STATUS=Reloading")
    }

    /// Another process is the server from now on. Only this one may say so, if it is the main process.
    func handOver(to pid: Int32) {
        send("MAINPID=\(pid)")
        nextDeadline = nil
    }

    func stopping() {
        send("STOPPING=1", "STATUS=Stopping")
    }

    /// A sentence for a person who asks; sent when it is another than before.
    func show(_ status: String) {
        guard isReady, status != self.status else { return }
        self.status = status
        send("STATUS=\(status)")
    }

    /// The sign of life, when it is due.
    func maintain(now: UInt64) {
        guard let interval, let due = nextDeadline, now >= due else { return }
        nextDeadline = now + interval
        send("WATCHDOG=1")
    }

    private func send(_ lines: String...) {
        do {
            try DatagramSocket.send(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
        } catch {
            log.warning("The service manager cannot be told \(lines.first ?? ""): \(error)")
        }
    }
}
