import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The hook points` {
    @Test func `are called in gunicorn's order, each in its process, with its facts`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin", try Teller.entry(), in: directory, options: options) { server in
            let answer = try server.client.get("/misbehave?b=c").text
            #expect(answer == "ok")
            let first = try #require(server.workerPids().first)
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded")
            try eventually("the old worker's end is told") { directory.told("child_exit").count == 1 }
            server.signal(SIGTTIN)
            try eventually("the third worker is told of") { directory.told("post_worker_init").count == 3 }
            try server.waitForWorkers(2)
            for worker in server.workers() where !worker.catches(SIGTERM) { continue }
            server.signal(SIGINT)
            let end = try server.waitForExit()
            #expect(end == .exited(0))

            let hooks = directory.told.map(\.hook).filter { $0 != "create" && $0 != "destroy" }
            let start = ["nworkers_changed", "on_starting", "when_ready", "pre_fork", "post_fork", "post_worker_init"]
            #expect(Array(hooks.prefix(6)) == start)
            let known = Set(directory.told.map(\.hook))
            for hook in [
                "pre_request", "post_request", "on_reload", "worker_exit", "child_exit", "worker_int", "on_stopping",
                "on_exit",
            ] { #expect(known.contains(hook), "\(hook)") }
            #expect(hooks.last == "on_exit")

            let runner = try #require(directory.told("on_starting").first).process
            for hook in ["when_ready", "pre_fork", "on_reload", "child_exit", "on_stopping", "on_exit"] {
                #expect(directory.told(hook).allSatisfy { $0.process == runner }, "\(hook) is called in the runner")
            }
            for hook in ["post_fork", "post_worker_init", "pre_request", "post_request", "worker_exit", "worker_int"] {
                #expect(directory.told(hook).allSatisfy { $0["pid"] == $0["self"] }, "\(hook) is called in its worker")
            }
            let changes = directory.told("nworkers_changed").map { "\($0["old"])>\($0["new"])" }
            #expect(changes.first == "0>1" && changes.contains("1>2"), "\(changes)")
            #expect(directory.told("pre_fork").allSatisfy { $0["pid"] == "0" && !$0["slot"].isEmpty })
            let exit = try #require(directory.told("child_exit").first)
            #expect(exit["pid"] == "\(first)" && exit["exit_status"] == "0" && exit["exit_signal"] == "0")
            let request = try #require(directory.told("pre_request").first { $0["path"] == "/misbehave" })
            #expect(request["method"] == "GET" && request["query"] == "b=c")
            let response = try #require(directory.told("post_request").first { $0["path"] == "/misbehave" })
            #expect(response["status"] == "200" && response["sent"] == "2" && response["took"] == "1")
        }
    }

    @Test func `say how a worker ended that was killed`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin", try Teller.entry(), in: directory, options: options) { server in
            kill(try #require(server.workerPids().first), SIGKILL)
            let exit = try eventually("its end is told") { directory.told("child_exit").first }
            #expect(exit["exit_signal"] == "9" && exit["exit_status"] == "-1" && exit["exit_reason"] == "signal")
        }
    }

    @Test func `tell of the bytes of a request's body`() throws {
        let directory = try applicationDirectory()
        try directory.write(
            """
            def app(environ, start_response):
                environ["wsgi.input"].read()
                start_response("200 OK", [("Content-Length", "2")])
                return [b"ok"]

            """, to: "app.py")
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin", try Teller.entry(), in: directory, options: options) { server in
            let connection = try server.client.connect()
            try connection.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            let answer = try connection.receive().status
            #expect(answer == 200)
            let told = try eventually("post_request is told") {
                directory.told("post_request").first { $0["path"] == "/body" }
            }
            #expect(told["bytes"] == "5")
        }
    }

    @Test func `of a worker that is aborted are called in its loop`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        try serving("app:app", "--plugin", try Teller.entry(), in: directory, options: options) { server in
            let worker = try #require(server.workerPids().first)
            kill(worker, SIGABRT)
            let told = try eventually("worker_abort is told") { directory.told("worker_abort").first }
            #expect(told.process == worker)
            try eventually("another worker serves") { !server.workerPids().contains(worker) }
        }
    }

    @Test(arguments: [("on_starting", 78)]) func `may veto the start`(point: String, status: Int32) throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: [point: 2])
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(status))
            #expect(!server.log.contains("Listening at"))
        }
    }

    @Test func `may veto a reload, and the old workers stay`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["on_reload": 2])
        try serving("app:app", "--plugin", entry, in: directory) { server in
            let before = server.workerPids()
            server.signal(SIGHUP)
            try server.waitForLog("on_reload")
            let answer = try server.client.get("/").text
            #expect(answer == "ok")
            #expect(server.workerPids() == before)
        }
    }

    @Test func `may veto a fork, which is tried again later`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        let entry = try Teller.entry(returning: ["pre_fork": 2])
        try starting("app:app", "--plugin", entry, in: directory, options: options) { server in
            try eventually("the fork is tried again") { directory.told("pre_fork").count >= 3 }
            #expect(server.workerPids().isEmpty)
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
        }
    }

    @Test func `may veto a request, which the application never sees`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["pre_request": 2])
        try serving("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.client.get("/")
            #expect(answer.status == 403 && answer.text != "ok")
            let counted = try server.metrics()
            #expect(counted.sum("talon_hook_calls_total", ["hook": "pre_request", "outcome": "deny"]) >= 1)
            #expect(counted.sum("gunicorn_worker_requests_total") >= 1)
        }
    }
}

@Suite(.serialized) struct `Several plugins at one point` {
    @Test func `are called in declared order, and the default hook is last unless one handled it`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.telling(in: directory)
        try serving(
            "app:app", "--no-metrics", "--plugin", try Teller.entry("one", returning: ["post_fork": 1]), "--plugin",
            try Teller.entry("two"), in: directory, options: options
        ) { _ in
            #expect(directory.told("when_ready").map(\.plugin) == ["one", "two"])
            #expect(directory.told("post_fork").map(\.plugin) == ["one", "two"])
        }
    }

    @Test func `that handle when_ready keep the metrics server from being started`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["when_ready": 1])
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let answer = try server.waitUntilAnswers("/").text
            #expect(answer == "ok")
            #expect(!server.log.contains("Metrics server started"))
            #expect(server.children(.exporter).isEmpty)
        }
    }

    @Test(arguments: ["on_starting", "when_ready"]) func `that are required and fail refuse the start`(point: String)
        throws
    {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: [point: -1], ", required: true")
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.log.contains("required") && server.log.contains(point))
        }
    }

    @Test func `that are required and fail answer the request with 500`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["pre_request": -1], ", required: true")
        try serving("app:app", "--plugin", entry, in: directory) { server in
            for _ in 0..<6 {
                let answer = try server.client.get("/").status
                #expect(answer == 500)
            }
        }
    }

    @Test func `that are required and fail at post_fork keep the worker from booting`() throws {
        let directory = try applicationDirectory()
        let entry = try Teller.entry(returning: ["post_fork": -1], ", required: true")
        try starting("app:app", "--plugin", entry, in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(3))
        }
    }
}
