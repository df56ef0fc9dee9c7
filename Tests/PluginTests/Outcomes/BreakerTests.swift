import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The breaker of a hook` {
    @Test func `opens after three failures, seen alike by all workers, and the others are not touched`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["pre_request": -1])
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin", entry, in: directory, workers: 3, options: options) { server in
            let load = try Load(server.endpoint, clients: 6)
            try eventually("the load runs") { load.answers > 300 }
            let failures = try load.stop()
            #expect(failures == [])
            let page = try server.metrics()
            let labels = ["plugin": "org.talon.test.teller", "hook": "pre_request"]
            let failed = page.sum("talon_hook_calls_total", labels.merging(["outcome": "error"]) { $1 })
            // Calls that were under way when the third failed may have failed too: one a worker at most.
            #expect((3...5).contains(failed), "\(failed)")
            #expect(page.sum("talon_hook_calls_total", labels.merging(["outcome": "breaker_open"]) { $1 }) >= 290)
            // Whether a call met its soft limit is the machine's affair here.
            let others = ["ok", "timed_out"].map { outcome in
                page.sum("talon_hook_calls_total", ["hook": "post_request", "outcome": outcome])
            }
            #expect(others.reduce(0, +) >= 290)
            #expect(
                server.logLines.filter { $0.contains("failed too often") }.count == 1, "the transition is said once")
            try eventually("the state is exported") {
                try server.metrics().value("talon_plugin_breaker_state", labels) == 1
            }
        }
    }

    @Test func `lets a crashing worker hook no longer keep workers from booting`() throws {
        let directory = try applicationDirectory()
        let entry = try Misbehaviour.entry("segv", at: "post_fork", ", isolation: inline")
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.waitUntilAnswers("/", within: .seconds(60)).text
            #expect(answer == "ok")
            let page = try eventually("it is counted") { try? server.metrics() }
            let labels = ["plugin": Misbehaviour.plugin, "hook": "post_fork", "outcome": "crashed"]
            #expect(page.sum("talon_hook_calls_total", labels) == 3)
        }
    }
}
