import CTalonPlugin

/// What a hook may ask the server to do: hooks observe, vote and request.
public enum ServerRequest: Sendable {
    case startMetricsServer
    case stopMetricsServer
    case reload
    case reopenLogs
    case addWorker
    case removeWorker
    /// In a worker this one; on the server's side the one in `slot`.
    case restartWorker(slot: UInt32? = nil)
    /// Sets a variable of this process's environment.
    case setEnvironment(name: String, value: String)
    /// Runs the default hook of this point now.
    case runDefault

    fileprivate var kind: UInt32 {
        let kind =
            switch self {
            case .startMetricsServer: TALON_REQUEST_START_METRICS_SERVER
            case .stopMetricsServer: TALON_REQUEST_STOP_METRICS_SERVER
            case .reload: TALON_REQUEST_RELOAD
            case .reopenLogs: TALON_REQUEST_REOPEN_LOGS
            case .addWorker: TALON_REQUEST_ADD_WORKER
            case .removeWorker: TALON_REQUEST_REMOVE_WORKER
            case .restartWorker: TALON_REQUEST_RESTART_WORKER
            case .setEnvironment: TALON_REQUEST_SET_ENV
            case .runDefault: TALON_REQUEST_RUN_DEFAULT
            }
        return UInt32(bitPattern: kind)
    }
}

/// What became of a ``ServerRequest``.
public enum ServerAnswer: Equatable, Sendable {
    case done
    /// It failed, for the reason that errno(3) gives the number.
    case failed(errno: Int32)
    /// This host, or this process, does not do it.
    case refused
}

extension HookCall {
    /// Asks the server for something, on the hook's own thread.
    public func ask(_ request: ServerRequest) -> ServerAnswer {
        guard let ask = host.interface(TALON_INTERFACE_SERVER, as: talon_server_1.self)?.pointee.request else {
            return .refused
        }
        var (name, value) = ("", "")
        switch request {
        case .setEnvironment(let given, let text): (name, value) = (given, text)
        case .restartWorker(let slot?): value = "\(slot)"
        default: break
        }
        let status = name.withTalonString { name in
            value.withTalonString { ask(host.face, request.kind, name, $0) }
        }
        return status == 0 ? .done : status > 0 ? .failed(errno: status) : .refused
    }
}
