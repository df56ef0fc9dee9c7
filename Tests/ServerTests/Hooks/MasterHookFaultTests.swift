import Glibc
import TalonTesting
import Testing

/// A plugin of Tests/Fixtures that misbehaves, and how that is counted.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
    let fixture: String
    let outcome: String

    var plugin: String { "org.talon.test.\(fixture)" }
    var testDescription: String { fixture }

    static let all = [
        Misbehaviour(fixture: "error", outcome: "error"), Misbehaviour(fixture: "unknown_status", outcome: "error"),
        Misbehaviour(fixture: "crash", outcome: "crashed"), Misbehaviour(fixture: "abort", outcome: "crashed"),
        Misbehaviour(fixture: "exit", outcome: "exited"), Misbehaviour(fixture: "sleep", outcome: "timed_out"),
    ]
}

@Suite(.serialized) struct `A plugin that misbehaves in a hook of the master` {
    @Test(arguments: Misbehaviour.all, ["on_starting", "when_ready"])
    func `is logged and counted, and the server serves on`(kind: Misbehaviour, hook: String) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin(kind.fixture, in: hook)
        let recorder = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, "--plugin", recorder, in: directory, options: options) { server in
            let response = try server.client.get("/")
            #expect(response.text == "ok")
            #expect(
                server.logLines.contains {
                    ($0.contains("[ERROR]") || $0.contains("[WARNING]")) && $0.contains(kind.plugin)
                        && $0.contains(hook)
                }, "the log names plugin and hook")
            let page = try server.metrics()
            let labels = ["plugin": kind.plugin, "hook": hook]
            #expect(page.value("talon_hook_calls_total", labels.merging(["outcome": kind.outcome]) { $1 }) == 1)
            #expect(page.sum("talon_hook_calls_total", labels) == 1)
            #expect(directory.records.map(\.hook) == ["on_starting", "when_ready", "post_fork"], "the other plugin's")
            #expect(server.log.contains("Metrics server started"), "the default hook runs")
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: Misbehaviour.all)
    func `is logged at the end too, and the server ends in good order`(kind: Misbehaviour) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin(kind.fixture, in: "on_exit")
        let recorder = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, "--plugin", recorder, in: directory, options: options) { server in
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
            #expect(
                server.logLines.contains {
                    ($0.contains("[ERROR]") || $0.contains("[WARNING]")) && $0.contains(kind.plugin)
                        && $0.contains("on_exit")
                })
            #expect(directory.records(of: "on_exit").count == 1, "the other plugin's hook runs")
        }
    }

    @Test func `and whose runner is killed in the middle of a call does not hold up the start`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("sleep", in: "on_starting")
        let options = TalonServer.Options.recording(in: directory)
        try starting("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try eventually("the hook sleeps") { Files.exists(directory.file("sleeping")) }
            let runner = try eventually("the hook runner") { server.children(.hookRunner).first }
            runner.signal(SIGKILL)
            try server.waitUntilReady()
            let labels = ["plugin": "org.talon.test.sleep", "hook": "on_starting", "outcome": "crashed"]
            let page = try server.metrics()
            #expect(page.value("talon_hook_calls_total", labels) == 1)
        }
    }

    @Test func `and dies with its runner has its later hooks called in a new one`() throws {
        let directory = try applicationDirectory()
        let plugin = try Compiler.sharedObject(
            file: "plugins/crash_then_record.c")
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try eventually("a new hook runner") { server.children(.hookRunner).count == 1 }
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(directory.records(of: "on_exit").count == 1)
        }
    }
}

@Suite(.serialized) struct `The answer of a hook` {
    @Test func `HANDLED at when_ready keeps the metrics server from starting`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("handled", in: "when_ready")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let response = try server.waitUntilAnswers()
            #expect(response.text == "ok")
            #expect(FreePort.isFree(server.metricsPort))
            #expect(server.children(.exporter).isEmpty)
            #expect(!server.log.contains("Metrics server started"))
        }
    }

    @Test func `DENY at on_starting refuses the start with 78`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("deny", in: "on_starting")
        try starting("app:app", "--plugin", plugin, in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(78))
            #expect(server.log.contains("org.talon.test.deny") && server.log.contains("on_starting"))
            #expect(!server.log.contains("Listening at") && !server.log.contains("Booting worker"))
        }
    }

    @Test func `DENY at when_ready, where there is no veto, is an error`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.plugin("deny", in: "when_ready")
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            let calls = try server.metrics().all("talon_hook_calls_total", ["plugin": "org.talon.test.deny"])
                .filter { $0.value > 0 }
            #expect(calls.count == 1)
            #expect(calls.first?.labels["hook"] == "when_ready")
            #expect(["deny", "error"].contains(calls.first?.labels["outcome"]))
            #expect(server.logLines.contains { $0.contains("org.talon.test.deny") && $0.contains("when_ready") })
        }
    }
}
