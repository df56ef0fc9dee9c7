import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The example webhook-notifier-swift` {
    private func entry(_ folder: String, _ config: String) -> String {
        "{path: \(folder)/plugin.yaml, config: {\(config)}}"
    }

    @Test func `posts what happens to the server, and to a worker that was killed`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("webhook-notifier-swift", in: directory)
        let receiver = try WebhookReceiver()
        let plugin = entry(folder, "url: \"http://127.0.0.1:\(receiver.port)/hook\", timeout: 5")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let ready = try receiver.take()
            #expect(ready.hasPrefix("POST /hook HTTP/1.1\r\n"))
            #expect(ready.contains("Content-Type: application/json\r\n"))
            #expect(ready.contains("\"event\":\"when_ready\"") && ready.contains("\"pid\":\(server.pid)"))
            #expect(ready.contains("\"port\":\(server.port)"))

            try server.waitUntilReady()
            let worker = server.workers()[0]
            worker.signal(SIGKILL)
            let crash = try receiver.take()
            #expect(crash.contains("\"event\":\"child_exit\"") && crash.contains("\"worker\":\(worker.pid)"))
            #expect(crash.contains("\"exit_signal\":9"))

            try server.waitUntilReady()
            server.signal(SIGTERM)
            let end = try receiver.take()
            #expect(end.contains("\"event\":\"on_exit\""), "a worker that ends as it is told to is no crash: \(end)")
            let status = try server.waitForExit()
            #expect(status == .exited(0))
        }
    }

    @Test func `counts a failure when the receiver refuses, and the server serves`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("webhook-notifier-swift", in: directory)
        let receiver = try WebhookReceiver()
        let plugin = entry(folder, "url: \"http://127.0.0.1:\(receiver.port)/\", events: when_ready")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            _ = try receiver.take(answering: "500 Internal Server Error")
            try server.waitForLog("answers 500 to when_ready")
            try server.waitUntilReady()
            let labels = [
                "plugin": "org.talon.example.webhook-notifier-swift", "hook": "when_ready", "outcome": "error",
            ]
            #expect(try server.metrics().value("talon_hook_calls_total", labels) == 1)
        }
    }

    @Test func `gives up before its runner is killed when nobody answers`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("webhook-notifier-swift", in: directory)
        let receiver = try WebhookReceiver()
        let plugin = entry(folder, "url: \"http://127.0.0.1:\(receiver.port)/\", timeout: 0.2, events: when_ready")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            try server.waitForLog("took too long")
            try server.waitUntilReady()
            let plugin = ["plugin": "org.talon.example.webhook-notifier-swift", "hook": "when_ready"]
            let page = try server.metrics()
            #expect(page.value("talon_hook_calls_total", plugin.merging(["outcome": "error"]) { $1 }) == 1)
            #expect(page.value("talon_hook_calls_total", plugin.merging(["outcome": "timed_out"]) { $1 }) == 0)
        }
    }

    @Test func `refuses the start without a url, and says so`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("webhook-notifier-swift", in: directory)
        try starting("app:app", "--plugin", "\(folder)/plugin.yaml", in: directory) { server in
            let status = try server.waitForExit()
            #expect(status == .exited(1))
            #expect(server.logLines.contains { $0.contains("config.url") })
        }
    }
}
