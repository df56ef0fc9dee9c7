import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `The hooks of a gunicorn.conf.py` {
    @Test func `are called in gunicorn's order, each with its facts`() throws {
        let directory = try TemporaryDirectory.withHooks("every")
        let more = ["COLOURS=red,green", "MORE=a,b"].flatMap { ["-e", $0] }
        try serving("app:app", "-t", "31", more[0], more[1], more[2], more[3], in: directory) { server in
            let worker = server.workerPids()[0]
            let answer = try server.client.get("/pid?a=b", headers: [("X-Mark", "seen")])
            #expect(answer.text == "\(worker)")
            try eventually("the request is over") { try directory.calledHooks().contains("post_request") }
            server.workers()[0].signal(SIGQUIT)
            try eventually("the worker's end is known") { try directory.calledHooks().contains("child_exit") }
            try server.waitUntilReady()
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))

            let names = try directory.calledHooks()
            let own = names.filter { $0 != "pre_request" && $0 != "post_request" }
            #expect(
                own == [
                    "nworkers_changed", "on_starting", "when_ready", "pre_fork", "post_fork", "post_worker_init",
                    "worker_int", "worker_exit", "child_exit", "pre_fork", "post_fork", "post_worker_init",
                    "worker_exit", "child_exit", "on_exit",
                ])
            let master = Int(server.pid)
            for hook in ["on_starting", "when_ready", "post_fork", "on_exit"] {
                let facts = try #require(try directory.hookRecords(of: hook).first)
                #expect(facts["master"]?.integer == master && facts["workers"]?.integer == 1, "\(hook)")
                #expect(facts["cfg_timeout"]?.integer == 31, "the command line beats the file")
                #expect(facts["cfg_bind"]?.elements?.compactMap(\.string) == ["127.0.0.1:\(server.port)"])
                #expect(
                    facts["cfg_env"]?["COLOURS"]?.string == "red,green" && facts["cfg_env"]?["MORE"]?.string == "a,b")
                #expect(facts["self"]?.integer != master, "the master runs nobody's code")
            }
            for hook in ["post_fork", "post_worker_init", "worker_int", "worker_exit"] {
                let facts = try #require(try directory.hookRecords(of: hook).first)
                #expect(facts["pid"]?.integer == Int(worker) && facts["self"]?.integer == Int(worker), "\(hook)")
                #expect(facts["age"]?.integer == 1 && facts["ppid"]?.integer == master)
                #expect(facts["alive"]?.isTrue == ["post_fork", "post_worker_init"].contains(hook))
            }
            let booting = try directory.hookRecords(of: "pre_fork")
            #expect(booting.map { $0["pid"]?.string } == ["[booting]", "[booting]"])
            #expect(booting.map { $0["age"]?.integer } == [1, 2])
            #expect(try directory.hookRecords(of: "post_worker_init").first?["wsgi"]?.string == "app")
            #expect(try directory.hookRecords(of: "child_exit").first?["pid"]?.integer == Int(worker))
            let changed = try #require(try directory.hookRecords(of: "nworkers_changed").first)
            #expect(changed["new"]?.integer == 1)

            let before = try directory.hookRecords(of: "pre_request").first { $0["mark"]?.string == "seen" }
            #expect(before?["booted"]?.isTrue == true)
            #expect(before?["method"]?.string == "GET" && before?["path"]?.string == "/pid")
            #expect(before?["query"]?.string == "a=b" && before?["uri"]?.string == "/pid?a=b")
            let after = try directory.hookRecords(of: "post_request").first { $0["mark"]?.string == "seen" }
            #expect(after?["path"]?.string == "/pid" && after?["status"]?.string == "200 OK")
            #expect(after?["code"]?.integer == 200 && after?["sent"]?.integer == answer.body.count)
            #expect(
                server.log.contains("] [INFO] the log of on_starting\n") && server.log.contains("] [INFO] GET /pid\n"))
            #expect(!server.log.contains("is no setting"), "a helper is no slip")
        }
    }

    @Test func `are told of a reload, an abort and another number of workers`() throws {
        let directory = try TemporaryDirectory.withHooks("every")
        try serving("app:app", "-t", "2", in: directory) { server in
            let old = server.workerPids()
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            let reload = try #require(try directory.hookRecords(of: "on_reload").first)
            #expect(reload["known"]?.elements?.compactMap(\.integer) == old.map { Int($0) })

            try eventually("the old worker has ended") { Set(server.workerPids()).isDisjoint(with: old) }
            let stuck = try server.client.connect()
            try stuck.sendHead("GET", "/spin?a")
            try eventually("the hook of the abort was called", within: .seconds(30)) {
                try directory.calledHooks().contains("worker_abort")
            }
            #expect(try directory.hookRecords(of: "worker_abort").first?["aborted"]?.isTrue == true)
            withExtendedLifetime(stuck) {}
            try server.waitUntilReady()
            server.signal(SIGTTIN)
            try eventually("the change is told") {
                let change = try directory.hookRecords(of: "nworkers_changed").last
                return change?["new"]?.integer == 2 && change?["old"]?.integer == 1
            }
        }
    }

    @Test func `are read again at HUP`() throws {
        let directory = try applicationDirectory()
        func write(_ text: String) throws {
            try directory.write("def on_reload(server):\n    server.log.info('\(text)')\n", to: "gunicorn.conf.py")
        }
        try write("first")
        try serving("app:app", in: directory) { server in
            try write("second")
            server.signal(SIGHUP)
            try server.waitForLog("] [INFO] second")
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            #expect(!server.log.contains("] [INFO] first"))
            try directory.write("# none\n", to: "gunicorn.conf.py")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 3 serve")
            try eventually("nothing runs for hooks that are gone") { server.children(.hookRunner).isEmpty }
        }
    }

    @Test(arguments: [["--preload"], ["--threads", "4"], ["-c", "file:gunicorn.conf.py"]])
    func `are called with these options too`(options: [String]) throws {
        let directory = try TemporaryDirectory.withHooks("every")
        let server = try TalonServer(["app:app", "-w", "2"] + options, in: directory)
        try server.waitUntilReady(workers: 2)
        _ = try server.client.get("/")
        try eventually("every hook of a request was called") {
            let names = try directory.calledHooks()
            return names.contains("pre_request") && names.contains("post_request")
        }
        let booted = try directory.hookRecords(of: "post_worker_init").compactMap { $0["pid"]?.integer }
        #expect(Set(booted) == Set(server.workerPids().map { Int($0) }))
        #expect(try directory.calledHooks().filter { $0 == "when_ready" }.count == 1)
        try server.stop()
    }

    @Test func `may be in a module`() throws {
        let directory = try applicationDirectory()
        try directory.makeDirectory("settings")
        try directory.copy(fixture: "hooks/every.conf.py", as: "settings/production.py")
        try serving("app:app", "-c", "python:settings.production", in: directory) { server in
            try server.waitUntilReady()
            #expect(try directory.calledHooks().filter { $0 == "when_ready" || $0 == "post_fork" }.count == 2)
        }
    }

    @Test func `of the server's side are called for a native application`() throws {
        let directory = try TemporaryDirectory.withHooks("every")
        let object = try Compiler.sharedObject(
            file: "\(Repository.root)/Plugins/Examples/hello-app-c/hello.c", flags: ["-std=c99"])
        try directory.write(Files.bytes(object), to: "hello.so")
        try serving("./hello.so", in: directory) { server in
            #expect(try server.client.get("/").text == "Hello, world!")
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            let names = try directory.calledHooks()
            #expect(names == ["nworkers_changed", "on_starting", "when_ready", "pre_fork", "child_exit", "on_exit"])
        }
    }

    @Test(arguments: [[], ["--preload"]])
    func `need not be there for an application that imports the exporter's module`(
        options: [String]
    ) throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            from gunicorn_prometheus_exporter import PrometheusWorker, get_config
            from gunicorn_prometheus_exporter.hooks import MetricsServerManager
            def app(environ, start_response):
                port, _ = MetricsServerManager().setup_server()
                body = ("%d %s" % (port, get_config().prometheus_bind_address)).encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]
            """, to: "app.py")
        let server = try TalonServer(["app:app"] + options, in: directory)
        try server.waitUntilReady()
        #expect(try server.client.get("/").text == "\(server.metricsPort) 127.0.0.1")
        try server.stop()
    }

    @Test func `get Talon's own module, whatever is installed or lies beside it`() throws {
        let directory = try applicationDirectory()
        try directory.write("raise ImportError('the wrong one')\n", to: "gunicorn_prometheus_exporter.py")
        try directory.write(
            """
            import gunicorn, gunicorn.config  # the real one is installed
            from gunicorn_prometheus_exporter.hooks import default_post_fork, default_when_ready
            when_ready = default_when_ready
            post_fork = default_post_fork
            """, to: "gunicorn.conf.py")
        try serving("app:app", "-t", "31", in: directory) { server in
            try server.waitForLog("Metrics server started successfully on port \(server.metricsPort)")
            try server.waitForLog("Gunicorn configuration: ")
            #expect(try server.client.get("/environment?GUNICORN_TIMEOUT").text == "31")
        }
    }
}
