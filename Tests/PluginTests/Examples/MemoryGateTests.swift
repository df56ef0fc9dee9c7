import TalonTesting
import Testing

@Suite(.serialized) struct `The example memory-gate-cpp` {
    private func entry(_ folder: String, _ mebibytes: Int) -> String {
        "{path: \(folder)/plugin.yaml, config: {minimum_mib: \(mebibytes)}}"
    }

    @Test func `lets no worker start while too little memory is available`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("memory-gate-cpp", in: directory)
        try starting("app:app", "--plugin", entry(folder, 100_000_000), in: directory) { server in
            try server.waitForLogs("no worker is started", count: 2)
            #expect(server.workers().isEmpty)
            #expect(!server.log.contains("Booting worker"))
            let labels = [
                "plugin": "org.talon.example.memory-gate-cpp", "hook": "pre_fork", "outcome": "deny",
            ]
            try eventually("the vetoes are counted") {
                (try? server.metrics().value("talon_hook_calls_total", labels)).flatMap { $0 } ?? 0 >= 2
            }
        }
    }

    @Test func `is not in the way when there is enough`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("memory-gate-cpp", in: directory)
        try serving("app:app", "--plugin", entry(folder, 1), in: directory, workers: 2) { server in
            let text = try server.client.get("/").text
            #expect(text == "ok")
            #expect(!server.log.contains("no worker is started"))
        }
    }

    @Test func `takes no setting that is no number`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("memory-gate-cpp", in: directory)
        let plugin = "{path: \(folder)/plugin.yaml, config: {minimum_mib: much}}"
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.logLines.contains { $0.contains("minimum_mib") })
        }
    }
}
