import TalonMetrics
import TalonPlatform
import TalonSettings

/// The exporter process: serves `/metrics` from what the workers leave in files and shared memory, and forwards it to Redis
/// if there is one.
///
/// It asks no worker for anything, and nothing asks it: if it dies, no request notices, and the master starts it again
/// on the same listening socket.
package enum Exporter {
    /// Serves until USR2, the master's word for the end. Returns the exit status.
    package static func run() -> Int32 {
        Signal.leaveTheEndToTheMaster()
        ThisProcess.returnFreedMemory()  // pages may be large, and are made on many threads
        guard let inheritance = Inheritance.received() else {
            FileDescriptor.standardError.writeAll(Array("talon: the exporter is started by the master\n".utf8))
            return 2
        }
        do {
            try serve(inheritance)
            return 0
        } catch {
            FileDescriptor.standardError.writeAll(Array("talon: exporter: \(error)\n".utf8))
            return 1
        }
    }

    private static func serve(_ inheritance: Inheritance) throws {
        let log = try inheritance.openErrorLog()
        let scoreboard = try Scoreboard.attach(FileDescriptor(rawValue: Inheritance.Place.scoreboard))
        let directory = inheritance.setting("prometheus_multiproc_dir") ?? ""
        let store = MetricStore(directory: directory, identifier: "exporter") { log.error($0) }
        let redis = try RedisSettings { inheritance.setting($0) }
        let forwarding = redis.map { _ in ForwardingFamilies(store: store) }
        let page = MetricsPage(
            directory: directory, store: store, scoreboard: scoreboard, forwarding: forwarding,
            retires: inheritance.setting("cleanup_db_files") == "true", log: log)
        let pages = PageRenderer(page, limit: MetricsServer.waitingThreads)
        let server = try MetricsServer(
            inheritance.openListeners, pages: pages, readiness: { .of(scoreboard) },
            protection: try ProtectionWatch(ProtectionSettings(inheritance.setting), log: log), end: [.user2], log: log)
        guard let redis, let forwarding else { return try server.serve() }
        let forwarded = ForwardedPage(settings: redis, instance: inheritance.instanceName)
        let forwarder = Forwarder(forwarded, pages: pages, families: forwarding, log: log)
        try server.serve(beside: { forwarder.run() })
        forwarder.finish()
    }
}

extension Inheritance {
    /// How the server is called where others are too. An exporter that a plugin has started before the sockets are open
    /// knows only what they are to be.
    fileprivate var instanceName: String {
        let listener = setting(Inheritance.placeSetting) ?? setting("bind") ?? "127.0.0.1:8000"
        return InstanceName.of(given: setting("instance"), listener: listener) { ThisProcess.environment($0) }
    }
}
