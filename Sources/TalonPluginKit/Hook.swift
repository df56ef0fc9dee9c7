public import CTalonPlugin

/// What a hook that did not fail returns. One that failed throws.
public enum HookResult: Sendable {
    /// Done; the chain goes on.
    case ok
    /// Done; the default hook of this point is not run.
    case handled
    /// A veto, where the point allows one; elsewhere the host takes it for an error.
    case deny
    /// Transient; the host calls again within the deadline.
    case retry

    fileprivate var status: Int32 {
        switch self {
        case .ok: TALON_OK
        case .handled: TALON_HANDLED
        case .deny: TALON_DENY
        case .retry: TALON_RETRY
        }
    }
}

/// The body of a hook function. An error that is thrown is logged and becomes `TALON_ERROR`: nothing may unwind into
/// the host.
///
///     @c @implementation
///     public func talon_when_ready(_ call: UnsafePointer<talon_call>?) -> Int32 {
///         hook(call) { call in
///             call.log(.info, "hello")
///             return .ok
///         }
///     }
public func hook(_ call: UnsafePointer<talon_call>?, _ body: (HookCall) throws -> HookResult) -> Int32 {
    guard let call = HookCall(call) else { return TALON_ERROR }
    do {
        return try body(call).status
    } catch {
        call.log(.error, "\(error)")
        return TALON_ERROR
    }
}

/// The body of a hook function that uses the plugin's state: what the closure `state` of its ``PluginIdentity`` made.
///
/// Hooks of requests may run on several threads at once: then the state must bear that.
public func hook<State: AnyObject>(
    _ call: UnsafePointer<talon_call>?, with type: State.Type, _ body: (HookCall, State) throws -> HookResult
) -> Int32 {
    hook(call) { call in
        guard let state = call.state as? State else {
            throw PluginFailure("this plugin's state is no \(type); make one in its PluginIdentity")
        }
        return try body(call, state)
    }
}
