import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The five hooks of a plugin` {
    @Test func `are called once each per event, in order, with the right facts`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let workers = server.workerPids().map { Int($0) }
            server.signal(SIGQUIT)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            let records = directory.records

            #expect(
                records.map(\.hook) == [
                    "on_starting", "when_ready", "post_fork", "post_fork", "worker_int", "worker_int", "on_exit",
                ])
            for record in records where ["on_starting", "when_ready", "on_exit"].contains(record.hook) {
                #expect(record.number("master") == Int(server.pid))
                #expect(record.number("self") != Int(server.pid), "the master runs nobody else's code")
                #expect(record["name"] == "app:app")
                #expect(record["address"] == "127.0.0.1")
                #expect(record.number("port") == (record.hook == "on_starting" ? 0 : Int(server.port)))
                #expect(record.number("workers") == 2)
                #expect(record.number("generation") == 1)
                #expect(record.number("started").map { abs($0 - time(nil)) < 600 } == true)
                #expect(record["slot"] == nil, "there is no worker that the call is about")
            }
            for hook in ["post_fork", "worker_int"] {
                let calls = records.filter { $0.hook == hook }
                #expect(Set(calls.compactMap { $0.number("pid") }) == Set(workers))
                #expect(Set(calls.compactMap { $0.number("slot") }) == [0, 1])
                #expect(Set(calls.compactMap { $0.number("age") }) == [1, 2])
                for call in calls {
                    #expect(call.number("self") == call.number("pid"))
                    #expect(call.number("worker_generation") == 1)
                    #expect(call.number("master") == Int(server.pid))
                    #expect(call.number("port") == Int(server.port))
                }
            }
            let points = ["on_starting": 1, "when_ready": 2, "post_fork": 7, "worker_int": 11, "on_exit": 16]
            for record in records { #expect(record.number("point") == points[record.hook]) }
        }
    }

    @Test func `are counted`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let page = try server.metrics()
            for (hook, calls) in [("on_starting", 1.0), ("when_ready", 1), ("post_fork", 2)] {
                let labels = ["plugin": "org.talon.test.recorder", "hook": hook, "outcome": "ok"]
                #expect(page.value("talon_hook_calls_total", labels) == calls, "\(hook)")
                let own = ["plugin": "org.talon.default-hooks", "hook": hook, "outcome": "ok"]
                #expect(page.value("talon_hook_calls_total", own) == calls, "\(hook) of the default hooks")
            }
            #expect(page.types["talon_hook_calls_total"] == "counter")
        }
    }

    @Test func `at TERM are on_exit alone, for worker_int is of INT and QUIT`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(
                directory.records.map(\.hook) == ["on_starting", "when_ready", "post_fork", "post_fork", "on_exit"])
        }
    }

    /// How a user stops the server quickly.
    enum QuickStop: CaseIterable {
        case int
        case quit
        /// INT to the master and to every child.
        case controlC
    }

    @Test(arguments: QuickStop.allCases, [false, true])
    func `have worker_int called once in each worker, whether it is idle or busy`(
        stop: QuickStop, isBusy: Bool
    ) throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let workers = server.workerPids().map { Int($0) }
            let held = isBusy ? try HeldRequest(server, "a") : nil
            defer { held?.close() }
            switch stop {
            case .int: server.signal(SIGINT)
            case .quit: server.signal(SIGQUIT)
            case .controlC: server.process.signalGroup(SIGINT)
            }
            let end = try server.waitForExit(within: .seconds(15))
            #expect(end == .exited(0))
            #expect(directory.records(of: "worker_int").compactMap { $0.number("pid") }.sorted() == workers.sorted())
        }
    }

    @Test func `at HUP are post_fork of the new workers alone`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let before = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("only new workers") {
                server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
            }
            #expect(
                directory.records.map(\.hook) == [
                    "on_starting", "when_ready", "post_fork", "post_fork", "post_fork", "post_fork",
                ])
            let new = directory.records(of: "post_fork").suffix(2)
            #expect(Set(new.compactMap { $0.number("age") }) == [3, 4])
            #expect(new.allSatisfy { $0.number("worker_generation") == 2 && $0.number("generation") == 2 })
        }
    }

    @Test func `are called in each replacement of a worker`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server in
            server.workers()[0].signal(SIGKILL)
            try eventually("post_fork of the new worker") { directory.records(of: "post_fork").count == 2 }
            let calls = directory.records(of: "post_fork")
            #expect(calls.map { $0.number("slot") } == [0, 0])
            #expect(calls.map { $0.number("age") } == [1, 2])
        }
    }

    @Test func `of two plugins run in the order of the command line`() throws {
        let directory = try applicationDirectory()
        let first = try Fixture.recorder("zulu")
        let second = try Fixture.recorder("alpha")
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--plugin", first, "--plugin", second, in: directory, options: options) { server in
            #expect(server.children(.hookRunner).count == 2, "each has its own runner")
            server.signal(SIGQUIT)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            let calls = directory.records.map { "\($0["plugin"] ?? "") \($0.hook)" }
            let hooks = ["on_starting", "when_ready", "post_fork", "worker_int", "on_exit"]
            #expect(calls == hooks.flatMap { ["zulu \($0)", "alpha \($0)"] })
        }
    }

    @Test func `may log, and the line has the plugin's id`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.exampleHook()
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            server.signal(SIGQUIT)
            _ = try server.waitForExit()
            for hook in ["on_starting", "when_ready", "post_fork", "worker_int", "on_exit"] {
                let lines = server.logLines.filter { $0.contains("\(hook): ") }
                #expect(lines.count == 1)
                #expect(lines.allSatisfy { $0.contains("[org.talon.example.hello-hook-c]") }, "\(lines)")
            }
        }
    }
}
