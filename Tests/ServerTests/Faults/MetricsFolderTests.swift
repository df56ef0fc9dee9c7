import Glibc
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

    @Test func `with damaged files counts each trouble once, however often it is scraped`() throws {
        let directory = try applicationDirectory()
        let family = "talon_metrics_file_errors_total"
        try serving("app:app", in: directory) { server in
            try directory.write([UInt8](repeating: 0xff, count: 5000), to: "metrics/counter_900.db")
            try directory.write([], to: "metrics/gauge_all_901.db")
            try directory.write([1, 2, 3], to: "metrics/nonsense.db")
            _ = try server.metrics()
            for _ in 0..<3 {
                let page = try server.metrics()
                #expect(page.value(family, ["reason": "format"]) == 2)
                #expect(page.value(family, ["reason": "name"]) == 1)
            }
            // One of them is well, and then in trouble again.
            for bytes in [[UInt8](repeating: 0, count: 64), [1, 2, 3]] {
                try directory.write(bytes, to: "metrics/counter_900.db")
                _ = try server.metrics()
            }
            #expect(try server.metrics().value(family, ["reason": "format"]) == 3)
            for name in ["counter_900.db", "gauge_all_901.db", "nonsense.db"] {
                #expect(server.logLines.count { $0.contains(name) } == 1, "\(name)")
            }
            // Another exporter goes on counting; what it finds is new to it.
            kill(try server.exporter().pid, SIGKILL)
            try eventually("there is another exporter") {
                (try? server.metrics())?.value(family, ["reason": "format"]).map { $0 >= 5 } ?? false
            }
        }
    }
}
