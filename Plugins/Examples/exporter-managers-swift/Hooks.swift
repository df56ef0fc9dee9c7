// The "Advanced Custom Hooks with Managers" of the configuration guide, in Swift.
//
//     make && talon app:app --plugin plugin.yaml
//
// The names are those of talon_plugin.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CTalonPlugin

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

private let identity = PluginIdentity(id: "org.talon.example.exporter-managers-swift", version: "1.0.0") { host in
    try Managers(host)
}

/// One of each, for the life of this process.
final class Managers {
    let metricsServer: MetricsServerManager
    let environment = EnvironmentManager()
    let worker: WorkerManager
    let processes: ProcessManager

    init(_ host: PluginHost) throws {
        metricsServer = try MetricsServerManager(host)
        worker = WorkerManager(host)
        processes = ProcessManager(host)
    }
}

@c @implementation
public func talon_plugin_info_1() -> UnsafePointer<talon_plugin_info>? { identity.pointer }

@c @implementation
public func talon_when_ready(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Managers.self) { call, managers in
        try managers.processes.startHelper()
        guard let port = managers.metricsServer.setUpServer() else {
            call.log(.warning, "Custom metrics server setup failed")
            return .ok
        }
        call.log(.info, "Custom metrics server setup on port \(port)")
        if managers.metricsServer.startServer(port: port, call) {
            call.log(.info, "Custom metrics server started successfully")
        } else {
            call.log(.error, "Custom metrics server failed to start")
        }
        // Else the default hook would try anew.
        return .handled
    }
}

@c @implementation
public func talon_post_fork(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Managers.self) { call, managers in
        try managers.environment.update(call)
        return .ok
    }
}

@c @implementation
public func talon_worker_int(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Managers.self) { call, managers in
        managers.worker.recordInterrupt()
        return .ok
    }
}

@c @implementation
public func talon_on_exit(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Managers.self) { call, managers in
        managers.processes.cleanUp(call)
        return .ok
    }
}
