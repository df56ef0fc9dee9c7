import TalonTesting
import Testing

@Suite(.serialized) struct `A metrics folder` {
    @Test(arguments: ["/dev/null/metrics", "/proc/metrics"])
    func `that cannot be written leaves the server serving, and the log names it`(path: String) throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.environment["PROMETHEUS_MULTIPROC_DIR"] = path
        try starting("app:app", "-w", "2", in: directory, options: options) { server in
            let response = try server.waitUntilAnswers()
            #expect(response.text == "ok")
            try server.waitForWorkers(2)
            #expect(server.logLines.contains { $0.contains("[ERROR]") && $0.contains(path) })
            for _ in 0..<10 { #expect(try server.client.get("/").text == "ok") }
        }
    }

    @Test func `that is not there yet is made, and everything is counted from the first hook on`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options.recording(in: directory)
        options.makesMetricsFolder = false
        let plugin = try Fixture.recorder()
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server in
            #expect(!server.log.contains("[ERROR]"))
            let page = try server.metrics()
            for hook in ["on_starting", "when_ready", "post_fork"] {
                let labels = ["plugin": "org.talon.test.recorder", "hook": hook, "outcome": "ok"]
                #expect(page.value("talon_hook_calls_total", labels) == 1, "\(hook)")
            }
        }
    }

    @Test func `with files of an earlier run does not show workers that are no more`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 3) { _ in }
        try serving("app:app", in: directory, workers: 1) { server in
            let page = try server.metrics()
            for family in ["gunicorn_worker_state", "talon_worker_info", "gunicorn_worker_memory_bytes"] {
                #expect(Set(page.all(family).map { $0.labels["worker_id"] }) == ["worker_0"], "\(family)")
            }
        }
    }

    @Test func `with a garbage file leaves the other metrics readable`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            _ = try server.client.get("/")
            try directory.write([UInt8](repeating: 0xff, count: 5000), to: "metrics/counter_garbage.db")
            try directory.write([], to: "metrics/gauge_all_empty.db")
            let page = try server.metrics()
            #expect(page.sum("gunicorn_worker_requests_total") >= 1)
        }
    }
}
