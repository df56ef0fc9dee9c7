import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A plugin that misbehaves in a worker` {
    private func namesHook(_ server: TalonServer, _ plugin: String, _ hook: String) -> Bool {
        server.logLines.contains { $0.contains(plugin) && $0.contains(hook) }
    }

    @Test(arguments: ["error", "unknown_status"])
    func `by an error at post_fork is logged and counted, and the worker serves`(fixture: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin(fixture, in: "post_fork")
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2) { server in
            let labels = ["plugin": "org.talon.test.\(fixture)", "hook": "post_fork", "outcome": "error"]
            let page = try server.metrics()
            #expect(page.value("talon_hook_calls_total", labels) == 2)
            #expect(namesHook(server, "org.talon.test.\(fixture)", "post_fork"))
            #expect(page.all("talon_worker_info").count == 2)
            #expect(
                Set(page.all("talon_worker_info").map { $0.labels["age"] }) == ["1", "2"], "no worker was replaced")
        }
    }

    @Test(arguments: [("crash", "crashed"), ("abort", "crashed"), ("exit", "exited")])
    func `by its end at post_fork does not take the server down for ever`(fixture: String, outcome: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin(fixture, in: "post_fork")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let response = try server.waitUntilAnswers("/", within: .seconds(30))
            #expect(response.text == "ok")
            #expect(namesHook(server, "org.talon.test.\(fixture)", "post_fork"))
            let labels = ["plugin": "org.talon.test.\(fixture)", "hook": "post_fork", "outcome": outcome]
            try eventually("the crashes are counted") {
                ((try? server.metrics())?.value("talon_hook_calls_total", labels) ?? 0) >= 1
            }
        }
    }

    @Test func `by sleeping for ever at post_fork does not take the server down for ever`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("sleep", in: "post_fork")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let response = try server.waitUntilAnswers("/", within: .seconds(90))
            #expect(response.text == "ok")
            #expect(namesHook(server, "org.talon.test.sleep", "post_fork"))
            let labels = ["plugin": "org.talon.test.sleep", "hook": "post_fork", "outcome": "timed_out"]
            #expect(try server.metrics().sum("talon_hook_calls_total", labels) >= 1)
        }
    }

    @Test(arguments: ["error", "crash", "abort", "exit", "sleep"])
    func `at worker_int does not keep the server from ending with 0`(fixture: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin(fixture, in: "worker_int")
        let options = ["app:app", "--plugin", plugin, "--graceful-timeout", "5", "-w", "2"]
        let server = try TalonServer(options, in: directory)
        try server.waitUntilReady(workers: 2)
        server.signal(SIGINT)
        let end = try server.waitForExit(within: .seconds(20))
        #expect(end == .exited(0))
        #expect(namesHook(server, "org.talon.test.\(fixture)", "worker_int"), "\(server.log)")
        try server.stop()
    }
}
