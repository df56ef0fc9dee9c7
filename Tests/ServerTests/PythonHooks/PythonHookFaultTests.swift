import Glibc
import TalonTesting
import Testing

/// What a hook in Python does, and how that is counted.
struct PythonMisbehaviour: Sendable, CustomTestStringConvertible {
    let act: String
    let outcome: String

    var testDescription: String { act }

    static let raise = PythonMisbehaviour(act: "raise", outcome: "error")
    static let quit = PythonMisbehaviour(act: "quit", outcome: "error")
    static let fatal = [
        PythonMisbehaviour(act: "exit", outcome: "exited"), PythonMisbehaviour(act: "kill", outcome: "crashed"),
        PythonMisbehaviour(act: "segv", outcome: "crashed"),
    ]
    static let all = [raise, quit] + fatal
    static let hanging = [
        PythonMisbehaviour(act: "sleep", outcome: "timed_out"), PythonMisbehaviour(act: "spin", outcome: "timed_out"),
    ]
}

@Suite(.serialized) struct `A hook in Python that misbehaves` {
    private func misbehaving(
        _ act: String, at hook: String, once: Bool = false, _ arguments: [String] = [],
        _ body: (TalonServer) throws -> Void
    ) throws {
        var options = TalonServer.Options()
        options.environment = ["ACT": act, "AT": hook, "PYTHONFAULTHANDLER": ""]
        if once { options.environment["ONCE"] = "1" }
        let directory = try TemporaryDirectory.withHooks("misbehaving")
        let server = try TalonServer(["app:app"] + arguments, in: directory, options: options)
        try withLog(of: server) {
            try server.waitUntilAnswers(within: .seconds(90))
            try body(server)
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(60))
            #expect(end == .exited(0))
            #expect(isNamed(hook, server.logLines), "the log names the hook")
            try server.expectNoOrphans()
        }
    }

    private func isNamed(_ hook: String, _ log: [String]) -> Bool {
        log.contains {
            ($0.contains("[ERROR]") || $0.contains("[WARNING]") || $0.contains("[CRITICAL]")) && $0.contains(hook)
        }
    }

    @Test(arguments: PythonMisbehaviour.all, ["on_starting", "when_ready"])
    func `in the server's start is logged and counted, and the server serves`(
        kind: PythonMisbehaviour, hook: String
    ) throws {
        try misbehaving(kind.act, at: hook) { server in
            try server.waitUntilReady()
            #expect(try server.pythonHookCalls(hook, kind.outcome) == 1)
            #expect(server.log.contains("Metrics server started"), "the default hook runs")
        }
    }

    @Test(arguments: ["sleep", "spin"]) func `and never returns is ended, and the server starts`(act: String) throws {
        try misbehaving(act, at: "on_starting") { server in
            try server.waitUntilReady()
            #expect(try server.pythonHookCalls("on_starting", "timed_out") == 1)
        }
    }

    @Test(
        arguments: [PythonMisbehaviour.raise, .quit], ["post_fork", "post_worker_init", "pre_request", "post_request"])
    func `by raising in a worker is logged and counted, and the request is served`(
        kind: PythonMisbehaviour, hook: String
    ) throws {
        try misbehaving(kind.act, at: hook) { server in
            let worker = server.workerPids()
            #expect(try server.client.get("/").text == "ok")
            try eventually("the failure is counted") { try server.pythonHookCalls(hook, "error") > 0 }
            #expect(server.log.contains("Exception in hook \(hook)"))
            #expect(server.workerPids() == worker)
        }
    }

    @Test(arguments: PythonMisbehaviour.fatal, ["post_fork", "post_worker_init"])
    func `by ending a worker that boots is counted, and the next worker serves`(
        kind: PythonMisbehaviour, hook: String
    ) throws {
        try misbehaving(kind.act, at: hook, once: true) { server in
            try server.waitUntilReady()
            #expect(try server.pythonHookCalls(hook, kind.outcome) == 1)
        }
    }

    @Test(arguments: PythonMisbehaviour.fatal + PythonMisbehaviour.hanging)
    func `by ending a worker in a request costs that request`(kind: PythonMisbehaviour) throws {
        var options = TalonServer.Options()
        options.environment = ["ACT": kind.act, "AT": "pre_request", "ONCE": "1"]
        let directory = try TemporaryDirectory.withHooks("misbehaving")
        try starting("app:app", "-w", "2", "-t", "2", in: directory, options: options) { server in
            try eventually("a request is served after the one that met the hook", within: .seconds(60)) {
                (try? HTTPClient(server.endpoint, within: .seconds(20)).get("/").text) == "ok"
            }
            try server.waitForWorkers(2)
            try eventually("it is named") { isNamed("pre_request", server.logLines) }
            try eventually("it is counted") { try server.pythonHookCalls("pre_request", kind.outcome) == 1 }
        }
    }

    @Test func `by not returning in a worker that boots is ended, and the next worker serves`() throws {
        try misbehaving("sleep", at: "post_fork", once: true) { server in
            try server.waitUntilReady()
            #expect(try server.pythonHookCalls("post_fork", "timed_out") == 1)
        }
    }

    @Test(arguments: PythonMisbehaviour.all + PythonMisbehaviour.hanging, ["worker_int", "worker_exit"])
    func `at a worker's end does not keep it`(kind: PythonMisbehaviour, hook: String) throws {
        try misbehaving(kind.act, at: hook, once: true) { server in
            let ended = try #require(server.workers().first)
            ended.signal(SIGINT)
            // worker_exit has as long as a graceful stop.
            try eventually("it is replaced", within: .seconds(60)) {
                !server.workerPids().contains(ended.pid) && !server.workers().isEmpty
            }
            try server.waitUntilReady()
            try eventually("it is counted") { try server.pythonHookCalls(hook, kind.outcome) == 1 }
        }
    }

    @Test(arguments: PythonMisbehaviour.all + PythonMisbehaviour.hanging) func `at the server's end does not keep it`(
        kind: PythonMisbehaviour
    )
        throws
    {
        try misbehaving(kind.act, at: "on_exit") { _ in }
    }
}
