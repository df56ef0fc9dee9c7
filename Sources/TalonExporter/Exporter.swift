package import TalonHTTP
import TalonMetrics
package import TalonPlatform
import TalonSettings

/// The exporter process: serves `/metrics` from what the workers leave in files and shared memory.
///
/// It asks no worker for anything, and nothing asks it: if it dies, no request notices, and the master starts it again
/// on the same listening socket. One thread waits on all clients, reads their requests and sends what they take slowly;
/// a few others make the pages. So whoever is slow keeps nobody else from a page.
package final class Exporter: @unchecked Sendable {
    // Unchecked: the loop's thread has all of it but the endpoint, which is made for any.
    private let endpoint: Endpoint
    private let protection: ProtectionWatch
    private let log: ErrorLog
    private let signals: SignalDescriptor
    private var server: HTTPServer?

    /// Threads that answer. Most of them wait, for reading is one scrape's at a time; a thread that waits costs little.
    private static let threads = 64
    /// Of these, how many may make pages or wait for that, and how many work on passwords: the rest answers whether all is well.
    private static let waitingThreads = 60
    private static let passwordThreads = 2

    /// Serves until USR2, the master's word for the end. Returns the exit status.
    package static func run() -> Int32 {
        Signal.leaveTheEndToTheMaster()
        ThisProcess.returnFreedMemory()  // pages may be large, and are made on many threads
        guard let inheritance = Inheritance.received() else {
            FileDescriptor.standardError.writeAll(Array("talon: the exporter is started by the master\n".utf8))
            return 2
        }
        do {
            try Exporter(inheritance).serve()
            return 0
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon: exporter: \(error)\n".utf8))
            return 1
        }
    }

    private init(_ inheritance: Inheritance) throws {
        log = try inheritance.openErrorLog()
        let scoreboard = try Scoreboard.attach(FileDescriptor(rawValue: Inheritance.Place.scoreboard))
        let page = MetricsPage(
            directory: inheritance.setting("prometheus_multiproc_dir") ?? "", scoreboard: scoreboard,
            retires: inheritance.setting("cleanup_db_files") == "true", log: log)
        let protection = try ProtectionWatch(ProtectionSettings(inheritance.setting), log: log)
        self.protection = protection
        endpoint = Endpoint(
            pages: PageRenderer(page, limit: Exporter.waitingThreads), scoreboard: scoreboard,
            access: AccessControl(
                credentials: { protection.credentials }, passwords: PasswordCheck(limit: Exporter.passwordThreads)))
        signals = try .open([.user1, .user2])
        var configuration = HTTPServerConfiguration.forScrapes
        configuration.threads = Exporter.threads
        configuration.isSecure = protection.tls != nil
        let server = try HTTPServer(
            listeners: inheritance.openListeners, configuration: configuration, delegate: self)
        server.watch(signals.descriptor)
        self.server = server
    }

    private func serve() throws {
        guard let server else { return }
        for number in 1...Exporter.threads {
            let thread = ApplicationThread(server: server, exchange: server.makeExchange(thread: number))
            guard SystemThread.start({ thread.run() }) else {
                throw SystemError(call: "pthread_create", errno: lastErrno, context: "")
            }
        }
        server.run()
    }

    /// What a thread of the server needs.
    private struct ApplicationThread: @unchecked Sendable {
        // Unchecked: the exchange is this thread's alone, and the server is made for it.
        let server: HTTPServer
        let exchange: Exchange

        func run() { server.runApplicationThread(exchange) }
    }
}

extension HTTPServerConfiguration {
    /// For clients of whom nobody knows anything: everything that they can have is bounded.
    fileprivate static var forScrapes: HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.limits = HTTPLimits(requestLine: 8190, headSize: 32768)
        configuration.connectionLimit = 256
        configuration.makesRoom = true
        configuration.keepAlive = 60 * nanosecondsPerSecond  // longer than a usual scrape interval
        configuration.headTime = 10 * nanosecondsPerSecond
        configuration.sendTime = 20 * nanosecondsPerSecond  // twice what Prometheus waits for a page
        configuration.collectedBody = 0  // nothing here reads a body
        configuration.stopGrace = 0
        configuration.stopLimit = nanosecondsPerSecond / 2
        return configuration
    }
}

extension Exporter: HTTPServerDelegate {
    package func handle(_ exchange: Exchange) -> Bool {
        guard let connection = exchange.connection else { return false }
        return endpoint.answer(EndpointRequest(connection)).send(on: exchange)
    }

    package func session(on socket: FileDescriptor) -> SecureSession? {
        protection.refresh(now: MonotonicClock.now(), isUrgent: true)
        return protection.tls?.session(on: socket)
    }

    package func handshakeFailed(_ reason: String, with peer: Peer) {
        log.debug("Metrics port: no TLS with ip=\(peer.address.text): \(reason)")
    }

    package func finished(_ exchange: Exchange) {}

    package func rejected(_ rejection: Rejection, from peer: Peer) {
        log.debug("Metrics port: invalid request from ip=\(peer.address.text): \(rejection.detail)")
    }

    package func turned(now: UInt64) {
        protection.refresh(now: now)
        endpoint.pages.maintain(now: now)
    }

    package func readable(_ descriptor: FileDescriptor) {
        for signal in signals.read() {
            if signal == .user1 { log.reopen() } else { server?.drain() }
        }
    }

    package func exhausted(errno: Int32) {
        log.error("Metrics port: no connection can be accepted: \(SystemError.text(of: errno))")
    }
}
