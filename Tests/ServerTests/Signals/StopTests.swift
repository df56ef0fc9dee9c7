import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A stop` {
    @Test func `by TERM lets a running request finish and ends with 0`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a")
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            try eventually("the idle worker is gone") { server.workerPids() == [held.worker] }
            #expect(server.process.reap() == nil)
            try held.release()
            let response = try held.response()
            #expect(response.status == 200 && response.text == "held")
            let end = try server.waitForExit(within: .seconds(10))
            #expect(end == .exited(0))
            #expect(server.log.contains("Worker exiting (pid: \(held.worker))"))
            #expect(!server.log.contains("[ERROR]") && !server.log.contains("Traceback"))
        }
    }

    @Test(arguments: ["1", "2"])
    func `by TERM closes the listeners at once, even while the last request runs`(threads: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", threads, in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a")
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            defer { try? held.release() }
            try eventually("new connections are refused") { (try? server.client.connect()) == nil }
        }
    }

    @Test func `by TERM answers what threads of one worker still run`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "3", in: directory) { server in
            let held = try ["a", "b", "c"].map { try HeldRequest(server, $0) }
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            for request in held {
                try request.release()
                #expect(try request.response().text == "held")
            }
            let end = try server.waitForExit(within: .seconds(10))
            #expect(end == .exited(0))
        }
    }

    @Test func `by TERM does not wait for idle connections`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--keep-alive", "60", "--threads", "2", in: directory) { server in
            let fresh = try server.client.connect()
            let kept = try server.client.connect()
            let response = try kept.get("/")
            #expect(response.keepsAlive)
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(10))
            #expect(end == .exited(0))
            #expect(kept.isClosedByServer() && fresh.isClosedByServer())
        }
    }

    @Test(arguments: ["/stick", "/spin"])
    func `by TERM ends a request that does not end when the graceful time is over`(target: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--graceful-timeout", "1", in: directory) { server in
            let held = try HeldRequest(server, "a", target: target)
            defer { held.close() }
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: [SIGINT, SIGQUIT])
    func `by INT or QUIT is quick and ends with 0`(signal: Int32) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            server.signal(signal)
            let end = try server.waitForExit(within: .seconds(10))
            #expect(end == .exited(0))
            #expect(server.log.contains("Handling signal: \(signal == SIGINT ? "int" : "quit")"))
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test(arguments: [SIGINT, SIGQUIT])
    func `by INT or QUIT does not wait for a running request`(signal: Int32) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--graceful-timeout", "120", in: directory) { server in
            let held = try HeldRequest(server, "a")
            defer { held.close() }
            server.signal(signal)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: [SIGINT, SIGQUIT])
    func `by TERM becomes quick by INT or QUIT`(second: Int32) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--graceful-timeout", "120", in: directory) { server in
            let held = try HeldRequest(server, "a")
            defer { held.close() }
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            server.signal(second)
            try server.waitForLog("Quick shutdown requested")
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: [false, true])
    func `by Ctrl-C, which every process of the group gets, is clean`(isBusy: Bool) throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.recorder()
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let held = isBusy ? try HeldRequest(server, "a") : nil
            defer { held?.close() }
            server.process.signalGroup(SIGINT)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
            #expect(!server.log.contains("Traceback") && !server.log.contains("KeyboardInterrupt"))
            #expect(directory.records(of: "on_exit").count == 1)
        }
    }

    @Test func `during the start, before a worker has booted, is a stop too`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeApplication(
            answering: "late", preamble: "import time; open('importing', 'w'); time.sleep(600)")
        try starting("app:app", "-w", "2", "--graceful-timeout", "2", in: directory) { server in
            try eventually("a worker imports the application") { Files.exists(directory.file("importing")) }
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test func `during a reload ends both generations`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--graceful-timeout", "2", in: directory, workers: 2) { server in
            try directory.writeApplication(
                answering: "late", preamble: "import time; open('importing', 'w'); time.sleep(600)")
            server.signal(SIGHUP)
            try eventually("a new worker imports the application") { Files.exists(directory.file("importing")) }
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `while a hook sleeps for ever comes at the latest when its time is over`(signal: Int32) throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.plugin("sleep", in: "when_ready")
        try starting("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try eventually("the hook sleeps") { Files.exists(directory.file("sleeping")) }
            server.signal(signal)
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
        }
    }

    @Test(arguments: [SIGUSR1, SIGWINCH, SIGPIPE])
    func `is not what any other signal means`(signal: Int32) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let before = server.workerPids()
            server.signal(signal)
            server.signal(SIGTTIN)
            try server.waitForWorkers(2)
            let response = try server.client.get("/")
            #expect(response.text == "ok")
            #expect(before.allSatisfy { server.workerPids().contains($0) })
        }
    }
}
