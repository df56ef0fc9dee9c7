import CTalonGuard
import CTalonPlugin
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

/// The host of one plugin. It lives as long as the process: a plugin is never unloaded.
final class PluginHost {
    /// What the plugin sees.
    let face: UnsafeMutablePointer<talon_host>
    let services: HostServices
    let log: PluginLog
    let settings: PluginSettings
    let metrics: PluginMetrics

    /// `config`: the plugin's own settings. `clock`: CLOCK_MONOTONIC.
    init(
        services: HostServices, config: [(key: String, value: String)] = [],
        clock: @escaping () -> UInt64 = { MonotonicClock.now() }
    ) {
        self.services = services
        log = PluginLog(services: services, clock: clock)
        settings = PluginSettings(own: config, server: services.setting)
        metrics = PluginMetrics(services: services, clock: clock)
        face = .allocate(capacity: 1)
        HostFaces.install
        talon_host_make_face(face, Unmanaged.passRetained(self).toOpaque())
    }
}
