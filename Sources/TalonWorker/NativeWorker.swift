import CTalonWorker
import TalonHooks
import TalonPlatform

/// The worker program of native applications: `talon` itself, with an application from a shared object.
package enum NativeWorker {
    /// Boots, loads the application, serves. Returns the exit status.
    package static func run() -> Int32 {
        Signal.pipe.ignore()
        defer { talon_worker_end() }
        let status = talon_worker_boot()
        guard status == 0 else { return status }
        let path = setting("wsgi_app") ?? ""
        do {
            let file = try PluginFile.inspect(path)
            let services = HostServices(
                log: { level, message in Self.log(level, message) }, setting: { Self.setting($0) }, request: { _ in -1 }
            )
            let plugin = try LoadedPlugin(file.own, services: services)
            guard let application = plugin.application else {
                log(.error, "application \(path): it does not offer talon.app/1")
                return TALON_EXIT_APPLICATION_NOT_FOUND
            }
            return serve(application)
        } catch {
            log(.error, "application \(path): \(error.reason)")
            return error.code == .createFailed ? TALON_EXIT_BOOT_FAILED : TALON_EXIT_APPLICATION_NOT_FOUND
        }
    }

    private static func serve(_ application: LoadedPlugin.Application) -> Int32 {
        let status = application.prepare()
        guard status == 0 else { return status }
        let threads = talon_worker_threads()
        for _ in 0..<(threads > 1 ? threads : 0) {
            guard SystemThread.start(talon_worker_run_application_thread) else {
                log(.error, "an application thread cannot be started")
                return TALON_EXIT_BOOT_FAILED
            }
        }
        return talon_worker_serve()
    }

    private static func setting(_ name: String) -> String? {
        let value = talon_worker_setting(name)
        return value.data.map { String(cString: $0) }
    }

    private static func log(_ level: LogLevel, _ message: String) {
        let text = StableText(message)
        talon_worker_log(level.rawValue, talon_str(data: text.address, size: text.count))
    }
}
