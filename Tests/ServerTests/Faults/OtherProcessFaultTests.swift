import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The exporter` {
    @Test func `that is killed is replaced on the same port and with the same counts`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            for _ in 0..<5 { _ = try server.client.get("/") }
            let counted = try server.metrics().sum("gunicorn_worker_requests_total")
            for _ in 0..<3 {
                let killed = try server.exporter()
                killed.signal(SIGKILL)
                try eventually("a new exporter") {
                    server.children(.exporter).count == 1 && !killed.isCurrent
                }
                let page = try eventually("the metrics port answers") { try? server.metrics() }
                #expect(page.sum("gunicorn_worker_requests_total") >= counted)
                #expect(try server.client.get("/").text == "ok")
            }
        }
    }

    @Test func `that finds its port taken leaves the server serving, and the log names the port`() throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        var options = TalonServer.Options()
        options.environment["PROMETHEUS_METRICS_PORT"] = "\(port)"
        try withExtendedLifetime(other) {
            try starting("app:app", in: directory, options: options) { server throws in
                let response = try server.waitUntilAnswers()
                #expect(response.text == "ok")
                try eventually("a warning or an error names the port") {
                    server.logLines.contains {
                        $0.contains("\(port)") && ($0.contains("[ERROR]") || $0.contains("[WARNING]"))
                    }
                }
            }
        }
    }

    @Test func `answers any path with the metrics, as the exporter before Talon`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            let client = HTTPClient(.tcp("127.0.0.1", server.metricsPort))
            for target in ["/metrics", "/nothing", "/", "/metrics/x?y"] {
                let page = try client.get(target)
                #expect(page.status == 200 && page.text.contains("talon_worker_info"), "\(target)")
            }
        }
    }
}

@Suite(.serialized) struct `A hook runner` {
    @Test func `that is killed is respawned, and its later hooks are called`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.recorder()
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server throws in
            #expect(server.children(.hookRunner).count == 1)
            let killed = server.children(.hookRunner)[0]
            killed.signal(SIGKILL)
            try eventually("a new hook runner") {
                server.children(.hookRunner).count == 1 && !killed.isCurrent
            }
            #expect(try server.client.get("/").text == "ok")
            let next = server.children(.hookRunner)[0]
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            let exits = directory.records(of: "on_exit")
            #expect(exits.map { $0.number("self") } == [Int(next.pid)])
            #expect(directory.records(of: "on_starting").count == 1)
        }
    }

    @Test func `that is killed again and again does not disturb the server`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.recorder()
        try serving("app:app", "--plugin", plugin, in: directory, options: options) { server throws in
            let workers = server.workerPids()
            for _ in 0..<4 {
                let killed = try eventually("a hook runner", within: .seconds(30)) {
                    server.children(.hookRunner).first
                }
                killed.signal(SIGKILL)
                try eventually("it is gone") { !killed.isCurrent }
                #expect(try server.client.get("/").text == "ok")
            }
            try eventually("a hook runner", within: .seconds(30)) { server.children(.hookRunner).count == 1 }
            #expect(server.workerPids() == workers)
        }
    }
}
