/// What a signature may pass to a function besides constants: a value that the host knows when it makes the call.
///
/// The raw value is how a manifest writes it.
package enum Fact: String, CaseIterable, Sendable {
    case serverPid = "server.pid"
    case serverName = "server.name"
    case serverVersion = "server.version"
    case serverAddress = "server.address"
    case serverPort = "server.port"
    case serverWorkers = "server.workers"
    case serverGeneration = "server.generation"
    case serverStartedAt = "server.started_at"
    case workerSlot = "worker.slot"
    case workerAge = "worker.age"
    case workerPid = "worker.pid"
    case workerGeneration = "worker.generation"
    case workerExitStatus = "worker.exit_status"
    case workerExitSignal = "worker.exit_signal"
    case workerExitReason = "worker.exit_reason"
    case workersNewCount = "workers.new_count"
    case workersOldCount = "workers.old_count"
    case requestID = "request.id"
    case requestMethod = "request.method"
    case requestPath = "request.path"
    case requestQuery = "request.query"
    case requestRemoteAddress = "request.remote_address"
    case requestBytes = "request.bytes"
    case responseStatus = "response.status"
    case responseBytes = "response.bytes"
    case responseDuration = "response.duration_ns"
    case hookName = "hook.name"
    case hookPoint = "hook.point"
    case hookDeadline = "hook.deadline_ns"
    case pluginID = "plugin.id"
    case pluginState = "plugin.state"
    case hostSelf = "host.self"
    case hostLogLine = "host.log_line"

    /// The type that it has in the host. A text may be passed as `cstr` or `str`; a number as any type that holds all
    /// of its values.
    package var type: CallType {
        switch self {
        case .serverPid, .workerPid, .workerExitStatus, .workerExitSignal: .i32
        case .serverPort, .serverWorkers, .serverGeneration, .workerSlot, .workerGeneration, .workersNewCount,
            .workersOldCount, .responseStatus, .hookPoint:
            .u32
        case .workerAge, .requestID, .requestBytes, .responseBytes, .responseDuration, .hookDeadline: .u64
        case .serverStartedAt: .f64
        case .serverName, .serverVersion, .serverAddress, .workerExitReason, .requestMethod, .requestPath,
            .requestQuery, .requestRemoteAddress, .hookName, .pluginID:
            .str
        case .pluginState, .hostSelf: .ptr
        case .hostLogLine: .fn
        }
    }

    /// Whether a call at `point` has it.
    package func isAvailable(at point: HookPoint) -> Bool {
        switch rawValue.prefix(while: { $0 != "." }) {
        case "worker" where [.workerExitStatus, .workerExitSignal, .workerExitReason].contains(self):
            point == .childExit
        case "worker": point.isInWorker || point == .preFork || point == .childExit
        case "workers": point == .nworkersChanged
        case "request": point == .preRequest || point == .postRequest
        case "response": point == .postRequest
        default: true
        }
    }
}
