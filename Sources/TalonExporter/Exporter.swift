package import TalonHTTP
import TalonMetrics
package import TalonPlatform
import TalonSettings

/// The exporter process: serves `/metrics` from what the workers leave in files and shared memory.
///
/// It asks no worker for anything, and nothing asks it: if it dies, no request notices, and the master starts it again
/// on the same listening socket.
package final class Exporter {
    private var page: MetricsPage
    private let log: ErrorLog
    private let signals: SignalDescriptor
    private var server: HTTPServer?

    /// Serves until USR2, the master's word for the end. Returns the exit status.
    package static func run() -> Int32 {
        Signal.leaveTheEndToTheMaster()
        guard let inheritance = Inheritance.received() else {
            FileDescriptor.standardError.writeAll(Array("talon: the exporter is started by the master\n".utf8))
            return 2
        }
        do {
            let exporter = try Exporter(inheritance)
            exporter.serve()
            return 0
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon: exporter: \(error)\n".utf8))
            return 1
        }
    }

    private init(_ inheritance: Inheritance) throws(SystemError) {
        log = try inheritance.openErrorLog()
        page = MetricsPage(
            directory: inheritance.setting("prometheus_multiproc_dir") ?? "",
            scoreboard: try .attach(FileDescriptor(rawValue: Inheritance.Place.scoreboard)),
            retires: inheritance.setting("cleanup_db_files") == "true", log: log)
        signals = try .open([.user1, .user2])
        var configuration = HTTPServerConfiguration()
        configuration.keepAlive = 60 * nanosecondsPerSecond  // longer than a usual scrape interval
        configuration.stopGrace = 0
        let server = try HTTPServer(
            listeners: inheritance.openListeners, configuration: configuration, delegate: self)
        server.watch(signals.descriptor)
        self.server = server
    }

    private func serve() {
        server?.run()
    }
}

extension Exporter: HTTPServerDelegate {
    package func handle(_ exchange: Exchange) -> Bool {
        guard let connection = exchange.connection else { return false }
        let (path, method) = connection.input.withBytes { bytes in
            (Self.text(bytes, connection.head.path), Self.text(bytes, connection.head.method))
        }
        guard path == "/metrics" || path == "/health" else {
            return answer(
                exchange, 404, "text/plain; charset=utf-8", Array("Not found. Metrics are at /metrics.\n".utf8))
        }
        guard method == "GET" || method == "HEAD" else {
            return answer(exchange, 405, "text/plain; charset=utf-8", Array("Use GET.\n".utf8), allow: "GET, HEAD")
        }
        if path == "/health" {
            return answer(exchange, 200, "text/plain; charset=utf-8", Array("ok\n".utf8))
        }
        return answer(exchange, 200, TextExposition.contentType, page.render())
    }

    private func answer(
        _ exchange: Exchange, _ status: Int, _ type: String, _ body: [UInt8], allow: String? = nil
    ) -> Bool {
        let none: [UInt8] = []
        var fields = [("Content-Type", type), ("Content-Length", "\(body.count)")]
        if let allow { fields.append(("Allow", allow)) }
        guard exchange.respond(status: status, reason: none.span) else { return false }
        for (name, value) in fields {
            guard exchange.addField(name: Array(name.utf8).span, value: Array(value.utf8).span) else { return false }
        }
        return exchange.write(body.span)
    }

    private static func text(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        var copy: [UInt8] = []
        for index in range.range { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    package func finished(_ exchange: Exchange) {}

    package func rejected(_ rejection: Rejection, from peer: Peer) {
        log.debug("Metrics port: invalid request from ip=\(peer.address.text): \(rejection.detail)")
    }

    package func turned(now: UInt64) {
        page.maintain(now: now)
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
