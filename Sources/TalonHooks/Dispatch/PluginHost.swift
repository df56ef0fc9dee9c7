package import CTalonPlugin
package import TalonMetrics
package import TalonPlatform

/// What a plugin can ask of its host, in the process that runs it.
package struct HostServices {
    /// Writes a line to the error log. Any thread.
    package var log: @Sendable (LogLevel, String) -> Void
    /// The least grave level that is written.
    package var level: LogLevel
    /// A setting of the server as text. The plugin's own settings are in its description, and go first.
    package var setting: (String) -> String?
    /// Where the plugin's metrics go; nil while there is no place for them. Any thread.
    package var metrics: @Sendable () -> MetricStore?
    /// Performs a request of `talon.server/1`: 0, an errno, or -1. On the thread of the hook.
    package var request: (HostRequest) -> Int32

    package init(
        log: @escaping @Sendable (LogLevel, String) -> Void, level: LogLevel = .debug,
        setting: @escaping (String) -> String?, metrics: @escaping @Sendable () -> MetricStore? = { nil },
        request: @escaping (HostRequest) -> Int32
    ) {
        self.log = log
        self.level = level
        self.setting = setting
        self.metrics = metrics
        self.request = request
    }
}

/// What the host offers in a worker alone.
package enum HostInterfaces {
    /// From now on plugins of this process get `talon.http/1`, made of these functions. Before any hook is called.
    package static func offerHTTP(_ functions: talon_http_1) {}
}

/// One request of `talon.server/1`.
package struct HostRequest: Equatable, Sendable {
    package var kind: UInt32
    package var name: String
    package var value: String

    package init(kind: UInt32, name: String, value: String) {
        self.kind = kind
        self.name = name
        self.value = value
    }

    package static let startMetricsServer = UInt32(TALON_REQUEST_START_METRICS_SERVER)
    package static let stopMetricsServer = UInt32(TALON_REQUEST_STOP_METRICS_SERVER)
    package static let reload = UInt32(TALON_REQUEST_RELOAD)
    package static let reopenLogs = UInt32(TALON_REQUEST_REOPEN_LOGS)
    package static let addWorker = UInt32(TALON_REQUEST_ADD_WORKER)
    package static let removeWorker = UInt32(TALON_REQUEST_REMOVE_WORKER)
    package static let restartWorker = UInt32(TALON_REQUEST_RESTART_WORKER)
    package static let setEnvironment = UInt32(TALON_REQUEST_SET_ENV)
    package static let runDefault = UInt32(TALON_REQUEST_RUN_DEFAULT)
}

/// The `talon_host` of one plugin. It lives as long as the process: a plugin is never unloaded.
final class PluginHost {
    let services: HostServices
    let face: UnsafeMutablePointer<talon_host>
    private let config: UnsafeMutablePointer<talon_config_1>
    private let server: UnsafeMutablePointer<talon_server_1>
    /// Texts handed out by `talon.config/1`, which must live as long as the host.
    private var texts: [String: talon_str] = [:]
    private let lock = Lock()

    init(services: HostServices) {
        self.services = services
        face = .allocate(capacity: 1)
        config = .allocate(capacity: 1)
        server = .allocate(capacity: 1)
        config.initialize(
            to: talon_config_1(struct_size: UInt32(MemoryLayout<talon_config_1>.size), get: hostSetting))
        server.initialize(
            to: talon_server_1(struct_size: UInt32(MemoryLayout<talon_server_1>.size), request: hostRequest))
        face.initialize(
            to: talon_host(
                struct_size: UInt32(MemoryLayout<talon_host>.size), abi_major: UInt16(TALON_ABI_MAJOR),
                abi_minor: UInt16(TALON_ABI_MINOR), context: Unmanaged.passRetained(self).toOpaque(), log: hostLog,
                interface: hostInterface))
    }

    fileprivate func interface(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case TALON_INTERFACE_CONFIG: UnsafeRawPointer(config)
        case TALON_INTERFACE_SERVER: UnsafeRawPointer(server)
        default: nil
        }
    }

    fileprivate func setting(_ key: String) -> talon_str {
        lock.withLock {
            if let known = texts[key] { return known }
            guard let value = services.setting(key) else { return talon_str(data: nil, size: 0) }
            let text = CText.make(value)
            texts[key] = text
            return text
        }
    }
}

private func host(_ face: UnsafePointer<talon_host>?) -> PluginHost? {
    guard let context = face?.pointee.context else { return nil }
    return Unmanaged<PluginHost>.fromOpaque(context).takeUnretainedValue()
}

private func hostLog(_ face: UnsafePointer<talon_host>?, _ severity: Int32, _ message: talon_str) {
    let level = LogLevel(rawValue: severity) ?? .error
    host(face)?.services.log(level, LogText.oneLine(CText.read(message)))
}

private func hostInterface(_ face: UnsafePointer<talon_host>?, _ id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
    guard let id else { return nil }
    return host(face)?.interface(String(cString: id))
}

private func hostSetting(_ face: UnsafePointer<talon_host>?, _ key: UnsafePointer<CChar>?) -> talon_str {
    guard let key, let host = host(face) else { return talon_str(data: nil, size: 0) }
    return host.setting(String(cString: key))
}

private func hostRequest(
    _ face: UnsafePointer<talon_host>?, _ kind: UInt32, _ name: talon_str, _ value: talon_str
) -> Int32 {
    guard let host = host(face) else { return -1 }
    // Cut, a name or a value would be another one.
    guard CText.fits(name), CText.fits(value) else { return -1 }
    return host.services.request(HostRequest(kind: kind, name: CText.read(name), value: CText.read(value)))
}
