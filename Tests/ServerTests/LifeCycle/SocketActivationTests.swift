import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A socket of the service manager` {
    /// Ends the process that plays the manager.
    private func endManager(_ directory: TemporaryDirectory) {
        if let pid = directory.text("holder.pid").flatMap({ Int32($0) }) { kill(pid, SIGKILL) }
    }

    private func options(_ address: String) throws -> TalonServer.Options {
        var options = TalonServer.Options()
        options.launcher = [try TestEnvironment.python(), Repository.fixture("activate.py"), address]
        return options
    }

    @Test func `is served on instead of bind, and goes on listening when the server is gone`() throws {
        let directory = try applicationDirectory()
        defer { endManager(directory) }
        let port = try FreePort.any()
        try starting("app:app", in: directory, options: try options("\(port)")) { server in
            let endpoint = Endpoint.tcp("127.0.0.1", port)
            try server.waitUntilAnswers(at: endpoint)
            #expect(server.log.contains("Listening at: http://127.0.0.1:\(port)"))
            #expect((try? server.client.get("/")) == nil)
            let client = HTTPClient(endpoint)
            for name in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] {
                #expect(try client.get("/environment?\(name)").text == "not set")
            }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            // Nobody accepts, but the manager listens: it would start the server now.
            _ = try client.connect()
        }
    }

    @Test func `keeps its file, and is handed on at a binary upgrade`() throws {
        let directory = try applicationDirectory()
        defer { endManager(directory) }
        let path = directory.file("web.sock")
        let endpoint = Endpoint.unix(path)
        try starting("app:app", "--pid", "talon.pid", in: directory, options: try options(path)) { server in
            try server.waitUntilAnswers(at: endpoint)
            server.signal(SIGUSR2)
            let pid = try eventually("the second master has its pid file") {
                directory.text("talon.pid.2").flatMap { Int32($0.filter(\.isNumber)) }
            }
            try eventually("its worker serves") {
                ProcessTable.children(of: pid).contains { $0.role == .worker && $0.catches(SIGTERM) }
            }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            try server.waitForLog("Master has been promoted.")
            #expect(try HTTPClient(endpoint).get("/").text == "ok")
            kill(pid, SIGTERM)
            try eventually("the second master is gone") { server.descendants().isEmpty }
            #expect(Files.exists(path))
        }
    }

    @Test func `of another process is none`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.environment = ["LISTEN_PID": "1", "LISTEN_FDS": "1"]
        try starting("app:app", in: directory, options: options) { server in
            try server.waitUntilAnswers()
            let variable = try server.client.get("/environment?LISTEN_FDS")
            #expect(variable.text == "not set")
        }
    }

    @Test func `that is none ends the start with 1, and is named`() throws {
        let directory = try applicationDirectory()
        let file = try directory.write("", to: "file")
        let script = "exec 3<\(file); export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec \"$@\""
        var options = TalonServer.Options()
        options.launcher = ["/bin/sh", "-c", script, "sh"]
        try starting("app:app", in: directory, options: options) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.log.contains("LISTEN_FDS: descriptor 3 (web) cannot be served on"))
        }
    }
}
