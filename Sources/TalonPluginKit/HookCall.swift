import CTalonPlugin

/// What a hook is given. It is alive until the hook returns: do not keep it.
///
/// Facts that a point does not have are nil. Texts are copied when they are read.
public struct HookCall {
    let call: UnsafePointer<talon_call>
    private let serverFacts: UnsafePointer<talon_server>
    /// The host's face towards this plugin; it may be kept.
    public let host: PluginHost

    /// Wraps the argument of a hook; nil if it lacks what every call has.
    init?(_ call: UnsafePointer<talon_call>?) {
        guard let call, let host = call.pointee.host, let server = call.pointee.server else { return nil }
        self.call = call
        self.host = PluginHost(host)
        serverFacts = server
    }

    /// The hook point: `TALON_WHEN_READY`, ...
    public var point: Int32 { Int32(truncatingIfNeeded: call.pointee.point) }

    /// About the server; every point has it.
    public var server: Server { Server(facts: serverFacts) }
    /// About the worker that the call is about.
    public var worker: Worker? { call.pointee.worker.map { Worker(facts: $0) } }
    /// How many workers are wanted, at nworkers_changed.
    public var workers: Workers? { call.pointee.workers.map { Workers(facts: $0) } }
    /// The request, at pre_request and post_request.
    public var request: HookRequest? { call.pointee.request.map { HookRequest(call: call, facts: $0) } }
    /// The finished response, at post_request.
    public var response: Response? { call.pointee.response.map { Response(facts: $0) } }

    /// What the plugin's identity made at the start of this process.
    var state: AnyObject? {
        call.pointee.state.map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Writes one line to the error log: the message, then name=value for each field.
    public func log(_ severity: PluginHost.Severity, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        host.log(severity, message, fields)
    }

    /// A setting of the plugin, or else of the server; nil if it is not set.
    public func setting(_ key: String) -> String? { host.setting(key) }

    /// How long there is until the host gives up on this call; nil if it waits as long as it takes.
    public var remaining: Duration? {
        guard let table = host.interface(TALON_INTERFACE_DEADLINE, as: talon_deadline_1.self),
            let remaining = table.pointee.remaining_ns
        else { return nil }
        let nanoseconds = remaining(call)
        return nanoseconds == .max ? nil : .nanoseconds(Int64(clamping: nanoseconds))
    }

    /// True when nobody waits for the outcome any more.
    public var isCancelled: Bool {
        guard let table = host.interface(TALON_INTERFACE_DEADLINE, as: talon_deadline_1.self),
            let cancelled = table.pointee.cancelled
        else { return false }
        return cancelled(call) != 0
    }
}
