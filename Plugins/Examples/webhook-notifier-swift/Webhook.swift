// Posts JSON to a URL when the server is ready, when a worker crashed, and when the server is gone.
//
//     make && talon app:app --plugin '{path: plugin.yaml, config: {url: "http://127.0.0.1:9000/talon"}}'
//
// The names are those of talon_plugin.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CTalonPlugin
import Glibc

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

private let identity = PluginIdentity(id: "org.talon.example.webhook-notifier-swift", version: "1.0.0") { host in
    try Notifier(host)
}

@c @implementation
public func talon_plugin_info_1() -> UnsafePointer<talon_plugin_info>? { identity.pointer }

@c @implementation
public func talon_when_ready(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Notifier.self) { call, notifier in try notifier.notify("when_ready", call) }
}

@c @implementation
public func talon_child_exit(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Notifier.self) { call, notifier in
        guard let worker = call.worker, worker.hasCrashed else { return .ok }
        return try notifier.notify("child_exit", call)
    }
}

@c @implementation
public func talon_on_exit(_ call: UnsafePointer<talon_call>?) -> Int32 {
    hook(call, with: Notifier.self) { call, notifier in try notifier.notify("on_exit", call) }
}

/// What the settings say: url, timeout in seconds, events.
final class Notifier {
    private let target: HTTPTarget
    private let timeout: Duration
    private let events: Set<String>

    init(_ host: PluginHost) throws {
        guard let url = host.setting("url") else { throw PluginFailure("set url: where to post to") }
        // Resolved once: within a hook's limit there is no time for a slow name server.
        target = try HTTPTarget(url)
        let text = host.setting("timeout") ?? "2"
        guard let seconds = Double(text), seconds > 0, seconds <= 60 else {
            throw PluginFailure("timeout is \(text), and must be more than 0 and at most 60 seconds")
        }
        timeout = .seconds(seconds)
        let names = host.setting("events") ?? "when_ready,child_exit,on_exit"
        events = Set(names.split { $0 == "," || $0 == " " }.map(String.init))
    }

    /// Posts the event, unless it is not wanted. An answer other than 2xx is a failure.
    func notify(_ event: String, _ call: HookCall) throws -> HookResult {
        guard events.contains(event) else { return .ok }
        // A little less than the host's limit, so that the log says what was wrong and not that the runner was killed.
        let limit = call.remaining.map { min(timeout, $0 - .milliseconds(50)) } ?? timeout
        let status = try target.post(document(event, call), within: limit)
        guard (200..<300).contains(status) else { throw PluginFailure("\(target) answers \(status) to \(event)") }
        call.log(.debug, "posted", ["event": event])
        return .ok
    }

    private func document(_ event: String, _ call: HookCall) -> String {
        let server = call.server
        var fields = [
            "\"event\":\(quoted(event))", "\"server\":\(quoted(server.name))", "\"pid\":\(server.pid)",
            "\"address\":\(quoted(server.address))", "\"port\":\(server.port)", "\"generation\":\(server.generation)",
        ]
        if let worker = call.worker {
            fields += [
                "\"worker\":\(worker.pid)", "\"slot\":\(worker.slot)", "\"reason\":\(quoted(worker.exitReason))",
                "\"exit_status\":\(worker.exitStatus.map(String.init) ?? "null")",
                "\"exit_signal\":\(worker.exitSignal.map(String.init) ?? "null")",
            ]
        }
        return "{\(fields.joined(separator: ","))}"
    }
}

extension HookCall.Worker {
    /// It ended otherwise than it does when it is told to.
    fileprivate var hasCrashed: Bool {
        if let exitSignal { return ![SIGTERM, SIGINT, SIGQUIT].contains(exitSignal) }
        return exitStatus != 0
    }
}

/// A JSON string.
private func quoted(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": json += "\\\(scalar)"
        case "\0"..<" ":
            let hex = String(scalar.value, radix: 16)
            json += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        default: json.unicodeScalars.append(scalar)
        }
    }
    return json + "\""
}
