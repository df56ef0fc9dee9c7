import TalonHTTP
import TalonPlatform

/// Serves a metrics port. One thread waits on all clients, reads their requests and sends what they take slowly; a few
/// others make the pages. So whoever is slow keeps nobody else from a page.
final class MetricsServer: @unchecked Sendable {
    // Unchecked: the loop's thread has all of it but the endpoint, which is made for any.
    private let endpoint: Endpoint
    private let protection: ProtectionWatch
    private let log: ErrorLog
    private let signals: SignalDescriptor
    private var server: HTTPServer?

    /// Threads that answer. Most of them wait, for reading is one scrape's at a time; a thread that waits costs little.
    private static let threads = 64
    /// Of these, how many may make pages or wait for that, and how many work on passwords: the rest answers whether all is well.
    static let waitingThreads = 60
    private static let passwordThreads = 2

    /// `end`: the signals that end it; USR1 has the log opened anew.
    init(
        _ listeners: [Listener], pages: any PageSource, readiness: @escaping @Sendable () -> Readiness,
        protection: ProtectionWatch, end: [Signal], log: ErrorLog
    ) throws {
        self.log = log
        self.protection = protection
        endpoint = Endpoint(
            pages: pages, readiness: readiness,
            access: AccessControl(
                credentials: { protection.credentials }, passwords: PasswordCheck(limit: MetricsServer.passwordThreads))
        )
        signals = try .open([.user1] + end)
        var configuration = HTTPServerConfiguration.forScrapes
        configuration.threads = MetricsServer.threads
        configuration.isSecure = protection.tls != nil
        let server = try HTTPServer(listeners: listeners, configuration: configuration, delegate: self)
        server.watch(signals.descriptor)
        self.server = server
    }

    /// Serves until the end; `beside` runs on a thread of its own.
    func serve(beside: (@Sendable () -> Void)? = nil) throws {
        guard let server else { return }
        for number in 1...MetricsServer.threads {
            let thread = ApplicationThread(server: server, exchange: server.makeExchange(thread: number))
            try start { thread.run() }
        }
        if let beside { try start(beside) }
        server.run()
    }

    private func start(_ thread: @escaping @Sendable () -> Void) throws {
        guard SystemThread.start(thread) else {
            throw SystemError(call: "pthread_create", errno: lastErrno, context: "")
        }
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

extension MetricsServer: HTTPServerDelegate {
    func handle(_ exchange: Exchange) -> Bool {
        guard let connection = exchange.connection else { return false }
        return endpoint.answer(EndpointRequest(connection)).send(on: exchange)
    }

    func session(on socket: FileDescriptor) -> SecureSession? {
        protection.refresh(now: MonotonicClock.now(), isUrgent: true)
        return protection.tls?.session(on: socket)
    }

    func handshakeFailed(_ reason: String, with peer: Peer) {
        log.debug("Metrics port: no TLS with ip=\(peer.address.text): \(reason)")
    }

    func finished(_ exchange: Exchange) {}

    func rejected(_ rejection: Rejection, from peer: Peer) {
        log.debug("Metrics port: invalid request from ip=\(peer.address.text): \(rejection.detail)")
    }

    func turned(now: UInt64) {
        protection.refresh(now: now)
        endpoint.pages.maintain(now: now)
    }

    func readable(_ descriptor: FileDescriptor) {
        for signal in signals.read() {
            if signal == .user1 { log.reopen() } else { server?.drain() }
        }
    }

    func exhausted(errno: Int32) {
        log.error("Metrics port: no connection can be accepted: \(SystemError.text(of: errno))")
    }
}
