import Glibc

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

/// Shows the application settings that the default hooks do not: by command line, file or wherever they come from.
final class EnvironmentManager {
    private let mapped = [("threads", "GUNICORN_THREADS"), ("graceful_timeout", "GUNICORN_GRACEFUL_TIMEOUT")]

    func update(_ call: HookCall) throws {
        for (setting, variable) in mapped {
            guard let value = call.setting(setting) else { continue }
            if let now = getenv(variable), String(cString: now) == value { continue }
            guard call.ask(.setEnvironment(name: variable, value: value)) == .done else {
                throw PluginFailure("\(variable) cannot be set")
            }
            call.log(.info, "Updated \(variable) from CLI: \(value)")
        }
    }
}
