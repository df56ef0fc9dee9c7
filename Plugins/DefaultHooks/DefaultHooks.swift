// The names are those of talon_plugin.h, which also documents them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CTalonPlugin
import Glibc
import TalonPluginKit

// The hooks that run when a server has no others, or after them: what the hooks of gunicorn-prometheus-exporter do.
// An ordinary plugin: it knows of the server only what talon_plugin.h tells, and a plugin of yours could stand here.

private let identity = PluginIdentity(id: "org.talon.default-hooks", version: "0.1.0")

@c @implementation
public func talon_plugin_info_1() -> UnsafePointer<talon_plugin_info>? {
    identity.pointer
}

/// Prepares the folder of the metric files.
@c @implementation
public func talon_on_starting(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call) { call in
        guard call.keepsMetrics else { return .ok }
        call.log(.info, "Server starting - initializing PrometheusMaster metrics")
        let directory = call.setting("prometheus_multiproc_dir") ?? ""
        if let problem = makeDirectory(directory) {
            throw PluginFailure(
                "PROMETHEUS_MULTIPROC_DIR \(directory) \(problem); choose a folder that can be written")
        }
        call.log(.info, "Multiprocess directory ready: \(directory)")
        call.log(.info, "Master metrics initialized")
        return .ok
    }
}

/// Starts the metrics server. If its port is taken, the host goes on trying, and logs that.
@c @implementation
public func talon_when_ready(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call) { call in
        guard call.keepsMetrics else { return .ok }
        let port = call.setting("prometheus_metrics_port") ?? ""
        call.log(.info, "Starting Prometheus multiprocess metrics server on :\(port)")
        switch call.ask(.startMetricsServer) {
        case .done:
            call.log(.info, "Metrics server started successfully on port \(port)")
            return .ok
        case .failed(EINPROGRESS):
            return .ok
        case .failed(let errno):
            throw PluginFailure("Failed to start metrics server: \(String(cString: strerror(errno)))")
        case .refused:
            throw PluginFailure("Failed to start metrics server: refused by the server")
        }
    }
}

/// Shows the application the settings that came by command line or file, in the environment.
@c @implementation
public func talon_post_fork(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call) { call in
        let mapped: [(setting: String, variable: String, standard: String)] = [
            ("workers", "GUNICORN_WORKERS", "1"),
            ("bind", "GUNICORN_BIND", "127.0.0.1:8000"),
            ("worker_class", "GUNICORN_WORKER_CLASS", "sync"),
            ("timeout", "GUNICORN_TIMEOUT", "30"),
        ]
        for entry in mapped {
            guard let value = call.setting(entry.setting), value != entry.standard else { continue }
            if let now = getenv(entry.variable), String(cString: now) == value { continue }
            guard call.ask(.setEnvironment(name: entry.variable, value: value)) == .done else {
                throw PluginFailure("\(entry.variable) cannot be set from CLI: \(value)")
            }
            call.log(.info, "Updated \(entry.variable) from CLI: \(value)")
        }
        return .ok
    }
}

/// Says that a worker was interrupted. Its last counts need no help: they are in the files already.
@c @implementation
public func talon_worker_int(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call) { call in
        call.log(.info, "Worker \(call.worker?.pid ?? 0) received interrupt signal")
        return .ok
    }
}

/// Says goodbye; the host ends the metrics server after its last hook.
@c @implementation
public func talon_on_exit(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call) { call in
        guard call.keepsMetrics else { return .ok }
        call.log(.info, "Server shutting down - cleaning up Prometheus metrics server")
        call.log(.info, "Server shutdown complete")
        return .ok
    }
}

extension HookCall {
    fileprivate var keepsMetrics: Bool { setting("metrics") != "false" }
}

/// mkdir -p. Returns what is wrong, or nil if the folder is there, can be written, and is nobody else's.
private func makeDirectory(_ path: String) -> String? {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        made += "/\(part)"
        if mkdir(made, 0o755) != 0, errno != EEXIST { return "cannot be made: \(String(cString: strerror(errno)))" }
    }
    // The default is in /tmp, where another user could have put a folder, or a link to one, before us.
    var status = stat()
    guard lstat(path, &status) == 0 else { return "cannot be read: \(String(cString: strerror(errno)))" }
    guard status.st_uid == geteuid() || status.st_uid == 0 else { return "belongs to another user (\(status.st_uid))" }
    guard access(path, W_OK | X_OK) == 0 else { return "cannot be written: \(String(cString: strerror(errno)))" }
    return nil
}
