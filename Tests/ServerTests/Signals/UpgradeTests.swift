import Glibc
import TalonTesting
import Testing

extension TalonServer {
    /// The second master, once it has written its pid file and has so many workers.
    fileprivate func successor(workers count: Int) throws -> Int32 {
        let pid = try eventually("the second master writes its pid file") {
            directory.text("talon.pid.2").flatMap { Int32($0.filter(\.isNumber)) }
        }
        try eventually("it has \(count) workers that serve") {
            let workers = ProcessTable.children(of: pid).filter { $0.role == .worker }
            return workers.count == count && workers.allSatisfy { $0.catches(SIGTERM) }
        }
        return pid
    }

    /// Ends a master that is no child of the test, with all that belongs to it.
    fileprivate func end(_ pid: Int32) throws {
        kill(pid, SIGTERM)
        try eventually("the master \(pid) and its children are gone") { descendants().isEmpty }
    }
}

@Suite(.serialized) struct `A binary upgrade by USR2` {
    @Test func `fails no request and leaves the metrics port answering`() throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", "--pid", "talon.pid", in: directory, workers: 2) { server in
            let load = try Load(server.endpoint, clients: 2)
            server.signal(SIGUSR2)
            let successor = try server.successor(workers: 2)
            #expect(server.log.contains("Started a new master (pid:\(successor))"))
            try server.waitForLogs("Metrics server started successfully", count: 2)
            #expect(server.workers().count == 2)

            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            try server.waitForLog("Master has been promoted.")
            #expect(directory.text("talon.pid") == "\(successor)\n")
            #expect(directory.text("talon.pid.2") == nil)
            let answers = load.answers
            try eventually("the second master answers alone") { load.answers > answers + 100 }
            #expect(try load.stop() == [])
            // A request is counted once its answer is out.
            try eventually("nothing runs") { try server.metrics().sum("talon_http_requests_in_flight") == 0 }
            let counted = try server.metrics().sum("gunicorn_worker_requests_total")
            #expect(counted >= Double(load.answers))
            try server.end(successor)
            #expect(directory.text("talon.pid") == nil)
        }
    }

    @Test func `keeps the file of a unix socket until the last master ends`() throws {
        let directory = try directory(answering: "hello")
        let path = directory.file("app.sock")
        try starting("app:app", "--pid", "talon.pid", "-b", "unix:\(path)", in: directory) { server in
            let endpoint = Endpoint.unix(path)
            try server.waitUntilAnswers(at: endpoint)
            server.signal(SIGUSR2)
            let successor = try server.successor(workers: 1)
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(try HTTPClient(endpoint).get("/").text == "hello")
            try server.waitForLog("Master has been promoted.")
            try server.end(successor)
            #expect(!Files.exists(path))
        }
    }

    @Test func `is refused by either master while both live`() throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", "--pid", "talon.pid", in: directory) { server in
            server.signal(SIGUSR2)
            let successor = try server.successor(workers: 1)
            server.signal(SIGUSR2)
            try server.waitForLog("USR2 signal ignored. Child exists.")
            kill(successor, SIGUSR2)
            try server.waitForLog("USR2 signal ignored. Parent exists.")
            kill(successor, SIGTERM)
            try server.waitForLog("The new master (pid:\(successor)) exited with code 0; this one goes on")
            #expect(try server.client.get("/").text == "hello")
        }
    }

    @Test func `to what does not start leaves the first master serving`() throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", "--pid", "talon.pid", in: directory) { server in
            let before = server.workerPids()
            try directory.writeApplication(answering: "never", preamble: "raise RuntimeError('broken')")
            server.signal(SIGUSR2)
            try server.waitForLog("exited with code 3; this one goes on")
            #expect(server.workerPids() == before)
            #expect(try server.client.get("/").text == "hello")
            #expect(try server.metrics().sum("gunicorn_worker_requests_total") >= 1)
        }
    }

    @Test func `does not happen when a hook of pre_exec denies it`() throws {
        let directory = try directory(answering: "hello")
        let plugin = try Fixture.plugin("deny", in: "pre_exec")
        try serving("app:app", "--plugin", plugin, "--pid", "talon.pid", in: directory) { server in
            server.signal(SIGUSR2)
            let line = try server.waitForLog("No binary upgrade:")
            #expect(line.contains("pre_exec"), "\(line)")
            #expect(try server.client.get("/").text == "hello")
            #expect(server.children(.exporter).count == 1)
            #expect(!Files.exists(directory.file("talon.pid.2")))
        }
    }

    @Test func `is asked for by nobody whose variables are no sockets`() throws {
        let result = try talon(
            "app:app", environment: ["PATH": "/usr/bin:/bin", "GUNICORN_PID": "1", "GUNICORN_FD": "77"])
        #expect(result.status == 1)
        #expect(result.error.contains("GUNICORN_FD names the descriptor 77, which is no listening socket"))
    }
}
