import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin that turns on its host` {
    @Test func `and does not read what it asks for is ended at the deadline; the server serves`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("asks_without_reading", in: "when_ready")
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            let labels = ["plugin": "org.talon.test.asks_without_reading", "outcome": "timed_out"]
            let page = try server.metrics()
            #expect(page.sum("talon_hook_calls_total", labels) == 1)
            #expect(try server.client.get("/").text == "ok")
        }
    }

    @Test(arguments: ["when_ready", "post_fork"])
    func `cannot write a record of another`(hook: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("forges_log", in: hook)
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            try server.waitForLog("first\\x0a[2026")
            #expect(!server.logLines.contains { $0.hasPrefix("[2026-01-01") })
        }
    }
}
