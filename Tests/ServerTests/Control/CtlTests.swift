import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `talon ctl` {
    @Test func `tells the state, the workers with what they run, the settings and the plugins`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        try serving(
            "app:app", "--threads", "2", "--plugin", plugin, in: directory, options: .recording(in: directory)
        ) { server in
            let status = try server.ctl("status")
            #expect(status.end == .exited(0))
            for part in [
                "pid \(server.pid), running", "app:app", "http://127.0.0.1:\(server.port)", "1 wanted, 1 ready",
            ] {
                #expect(status.output.contains(part), "\(status.output)")
            }
            for _ in 0..<5 { _ = try server.client.get("/") }
            let held = try HeldRequest(server, "a")
            let worker = try #require(try server.ctlJSON("workers")["workers"]?.elements?.first)
            #expect(worker["pid"]?.integer == Int(held.worker))
            #expect(worker["busy"]?.integer == 1 && worker["running"]?.elements?.count == 1)
            let running = try #require(worker["running"]?.elements?.first)
            #expect((running["seconds"]?.double ?? -1) >= 0 && running["phase"]?.string == "application")
            #expect(running["method"]?.string == "GET" && running["path"]?.string == "/hold")
            #expect((worker["requests"]?.integer ?? 0) >= 5)
            let text = try server.ctl("workers").output
            #expect(text.hasPrefix("SLOT  PID") && text.contains(" 1/2 ") && text.contains(" GET /hold"))
            try held.release()
            _ = try held.response()

            let settings = try #require(try server.ctlJSON("config")["settings"]?.elements)
            let threads = settings.first { $0["name"]?.string == "threads" }
            #expect(threads?["value"]?.integer == 2 && threads?["is_default"]?.isTrue == false)
            let timeout = settings.first { $0["name"]?.string == "timeout" }
            #expect(timeout?["value"]?.integer == 30 && timeout?["is_default"]?.isTrue == true)
            let plugins = try #require(try server.ctlJSON("plugins")["plugins"]?.elements)
            #expect(plugins.count == 2 && plugins.allSatisfy { $0["loading_breaker"]?.string == "closed" })
            let table = try server.ctl("plugins").output
            #expect(table.contains("recorder") && table.contains("when_ready"), "\(table)")
            #expect(try server.ctl("config").output.contains("threads"))
        }
    }

    @Test func `changes the number of workers, ends one, and stops the server`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--no-metrics", in: directory) { server in
            #expect(try server.ctl("add", "2").output == "3 workers, 1 before\n")
            try server.waitForWorkers(3)
            #expect(try server.ctl("remove", "2").end == .exited(0))
            #expect(try server.ctl("remove").end == .exited(1))
            try server.waitUntilReady(metrics: false)
            #expect(try server.ctl("add", "4000").end == .exited(0))
            #expect(try server.ctl("add").end == .exited(1))
            #expect(try server.ctl("remove", "4000").end == .exited(0))
            // Dozens of workers have begun to boot.
            try server.waitUntilReady(metrics: false, within: .seconds(120))
            let worker = try #require(try server.ctlJSON("workers")["workers"]?.elements?.last)
            let slot = try #require(worker["slot"]?.integer)
            #expect(try server.ctl("kill", "worker_\(slot)").end == .exited(0))
            try eventually("another worker") {
                let ages = try server.ctlJSON("workers")["workers"]?.elements?.map { $0["age"]?.integer }
                return ages?.contains(worker["age"]?.integer) == false
            }
            #expect(try server.ctl("kill", "\(getpid())").end == .exited(1))
            #expect(try server.ctl("reopen").end == .exited(0))
            let stop = try server.ctl("stop")
            #expect(stop.end == .exited(0) && stop.output == "the server has stopped\n")
            #expect(try server.waitForExit(within: .seconds(30)) == .exited(0))
            #expect(try server.ctl("status").end == .exited(3))
        }
    }

    @Test func `stops a server with a request that does not end, if it is to be quick`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--no-metrics", "--graceful-timeout", "600", in: directory) { server in
            let held = try HeldRequest(server, "a", target: "/stick")
            defer { held.close() }
            #expect(try server.ctl("stop", "--timeout", "1").end == .exited(4))
            #expect(try server.ctl("status").output.contains("stopping"))
            #expect(try server.ctl("reload").end == .exited(1))
            #expect(try server.ctl("stop", "--quick").end == .exited(0))
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test func `reloads and waits for the outcome`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--no-metrics", in: directory) { server in
            try directory.writeApplication(answering: "new")
            let result = try server.ctl("reload")
            #expect(result.end == .exited(0))
            #expect(result.output.hasPrefix("reload ok after") && result.output.hasSuffix("generation 2 serves\n"))
            try eventually("the new code serves") { try server.client.get("/").text == "new" }
        }
    }

    @Test func `says why a reload failed, and the old application serves`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--no-metrics", in: directory) { server in
            let before = server.workerPids()
            try directory.writeApplication(answering: "new", preamble: "raise RuntimeError('broken')")
            let result = try server.ctl("reload")
            #expect(result.end == .exited(1))
            #expect(result.output.hasPrefix("reload failed after"), "\(result.output)")
            #expect(result.output.contains("before it was ready"), "\(result.output)")
            #expect(try server.client.get("/").text == "old")
            #expect(before.allSatisfy { server.workerPids().contains($0) })
            let report = try #require(try server.ctlJSON("status")["last_reload"])
            #expect(report["outcome"]?.string == "failed" && report["generation"]?.integer == 1)
        }
    }

    @Test func `says that a plugin denied a reload`() throws {
        let directory = try directory(answering: "old")
        let plugin = try Fixture.plugin("deny", in: "on_reload")
        try serving("app:app", "--no-metrics", "--plugin", plugin, in: directory) { server in
            let result = try server.ctl("reload")
            #expect(result.end == .exited(1))
            #expect(result.output.hasPrefix("reload denied after"), "\(result.output)")
        }
    }

    @Test func `tells both who wait when one reload comes after another`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--no-metrics", in: directory) { server in
            try directory.writeApplication(
                answering: "new", preamble: "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)")
            let first = try server.control()
            first.send(frame: #"{"id": 1, "command": "reload wait"}"#)
            try eventually("it has begun") {
                try server.control().ask("status")["incoming_generation"]?.integer == 2
            }
            let second = try server.control()
            second.send(frame: #"{"id": 2, "command": "reload wait"}"#)
            #expect(try first.receive()["data"]?["outcome"]?.string == "superseded")
            try directory.write("", to: "go")
            let outcome = try second.receive(within: 60)
            #expect(outcome["id"]?.integer == 2 && outcome["data"]?["outcome"]?.string == "ok")
            #expect(outcome["data"]?["generation"]?.integer == 3)
        }
    }

    @Test(arguments: [
        [], ["nonsense"], ["status", "x"], ["--nonsense", "status"], ["kill"], ["add", "x"], ["add", "0"],
        ["status", "--quick"], ["-s"], ["--timeout", "0", "status"], ["add", "1", "2"],
    ])
    func `ends with 2 where its own words are wrong`(words: [String]) throws {
        let result = try run(try TestEnvironment.binary(), ["ctl"] + words)
        #expect(result.end == .exited(2))
        #expect(result.error.hasPrefix("usage: talon ctl"))
    }

    @Test func `ends with 3 where there is no server, and helps`() throws {
        let directory = try TemporaryDirectory()
        let result = try run(
            try TestEnvironment.binary(), ["ctl", "status"], environment: ["HOME": directory.path])
        #expect(result.end == .exited(3))
        #expect(result.error.contains("\(directory.path)/.gunicorn/gunicorn.ctl: No such file or directory"))
        #expect(try run(try TestEnvironment.binary(), ["ctl", "status"], environment: [:]).end == .exited(2))
        let help = try run(try TestEnvironment.binary(), ["ctl", "--help"])
        #expect(help.end == .exited(0))
        for word in [
            "status", "workers", "plugins", "config", "top", "reload", "add", "remove", "kill", "reopen", "stop",
        ] {
            #expect(help.output.contains("\n  \(word)"))
        }
    }
}
