import CTalonPlugin
import TalonPlatform
import TalonSettings

/// Calls with facts as a server might have them, for tools that try a plugin out.
package final class SampleCall {
    private let block = FactBlock()
    private let point: HookPoint

    /// `now`: unix time in nanoseconds.
    package init(_ point: HookPoint, now: UInt64) {
        self.point = point
        var facts = HookFacts(
            server: HookFacts.Server(
                pid: ThisProcess.parentPid, name: "talon", version: TalonVersion.text, address: "127.0.0.1",
                port: point == .onStarting ? 0 : 8000, workers: 2, generation: 1, startedAt: now))
        if point.isInWorker || point == .preFork || point == .childExit {
            let exit = point == .childExit ? HookFacts.Exit(status: 0, signal: 0, reason: "exit_code") : nil
            facts.worker = HookFacts.Worker(
                slot: 0, age: 1, pid: point == .preFork ? 0 : ThisProcess.pid, generation: 1, exit: exit)
        }
        if point == .nworkersChanged { facts.workers = HookFacts.Workers(new: 3, old: 2) }
        block.update(facts)
    }

    /// Calls the plugin's hook on this thread; nil if it has none for the point. `deadline`: CLOCK_MONOTONIC.
    package func call(_ plugin: LoadedPlugin, deadline: UInt64) -> HookOutcome? {
        guard point == .preRequest || point == .postRequest else {
            return plugin.call(point, block, deadline: deadline)
        }
        let texts = ["GET", "/sample?name=value", "/sample", "name=value", "127.0.0.1", "http", "Host", "localhost"]
        return CText.with(texts) { texts in
            var header = talon_header(name: texts[6], value: texts[7])
            return withUnsafePointer(to: &header) { header in
                var request = talon_request()
                request.struct_size = UInt32(MemoryLayout<talon_request>.size)
                (request.version_major, request.version_minor, request.id) = (1, 1, 1)
                (request.method, request.target, request.path, request.query) = (
                    texts[0], texts[1], texts[2], texts[3]
                )
                (request.headers, request.header_count) = (header, 1)
                (request.content_length, request.remote_port, request.server_port) = (-1, 50000, 8000)
                (request.remote_address, request.server_address, request.scheme) = (texts[4], texts[4], texts[5])
                guard point == .postRequest else {
                    return plugin.call(point, block, request: &request, deadline: deadline)
                }
                var response = talon_response(
                    struct_size: UInt32(MemoryLayout<talon_response>.size), status: 200, bytes: 12,
                    duration_ns: 1_000_000)
                return plugin.call(point, block, request: &request, response: &response, deadline: deadline)
            }
        }
    }
}
