import Glibc
import TalonTesting
import Testing

/// A line of the hooks' logger, without its time.
private let said = " - gunicorn_prometheus_exporter.hooks - INFO - "

@Suite(.serialized) struct `The guide's hooks` {
    @Test func `that are custom each speak once, in order, and call the default ones`() throws {
        let guide = try GuideServer("custom_hooks")
        let server = guide.server
        try guide.whenReady(workers: 4) { server in
            #expect(
                server.standardOutput
                    == "Starting Gunicorn with Prometheus exporter...\nGunicorn is ready to accept connections\n")
            for number in [SIGINT, SIGQUIT] {
                let worker = server.workers()[0]
                worker.signal(number)
                try eventually("its hook spoke") {
                    server.standardOutput.contains("Worker \(worker.pid) initialized\n")
                }
                try eventually("it is replaced") { !server.workerPids().contains(worker.pid) }
                try server.waitForWorkers(4)
            }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
        }
        let lines = server.standardOutput.split(separator: "\n")
        #expect(lines.count == 5 && lines.last == "Gunicorn shutting down...", "\(lines)")
        #expect(server.logLines.filter { $0.contains("\(said)Starting Prometheus multiprocess") }.count == 1)
        #expect(server.logLines.filter { $0.contains("\(said)Server shutting down - cleaning up") }.count == 1)
    }

    @Test func `with managers set up the metrics server themselves`() throws {
        let guide = try GuideServer("advanced_hooks")
        try guide.whenReady(workers: 4) { server in
            let own = server.logLines.filter { $0.contains(" - __config__ - INFO - ") }
            let texts = own.compactMap { $0.split(separator: " - ").last.map(String.init) }
            #expect(
                texts == [
                    "Custom metrics server setup on port \(server.metricsPort)",
                    "Metrics server started successfully on port \(server.metricsPort)",
                    "Custom metrics server started successfully",
                ])
        }
    }

    @Test func `with managers say so when the port is taken, and the application serves`() throws {
        let metricsPort = try FreePort.any()
        let other = try ListeningSocket(port: metricsPort)
        let guide = try GuideServer("advanced_hooks", environment: ["PROMETHEUS_METRICS_PORT": "\(metricsPort)"])
        let server = guide.server
        try server.waitForLog(" - __config__ - ERROR - Custom metrics server failed to start")
        #expect(
            server.logLines.filter { $0.contains(" - __config__ - WARNING - Port \(metricsPort) in use (") }.count == 2)
        try server.waitUntilAnswers()
        withExtendedLifetime(other) {}
        try server.stop()
    }

    @Test func `without metrics say that there is no server to set up`() throws {
        let guide = try GuideServer("advanced_hooks", ["--no-metrics"])
        try guide.server.waitForLog(" - __config__ - WARNING - Custom metrics server setup failed")
        try guide.server.waitUntilAnswers()
        try guide.server.stop()
    }

    @Test func `in debug log the lines that the guide shows, in its format`() throws {
        let guide = try GuideServer("debug")
        let server = guide.server
        let address = "0.0.0.0:\(server.port)"
        var interrupted: Int32 = 0
        try guide.whenReady(workers: 4) { server in
            let worker = server.workers()[0]
            interrupted = worker.pid
            worker.signal(SIGINT)
            try server.waitForLog("Worker \(worker.pid) received interrupt signal")
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
        }
        let lines = server.logLines
        let time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/
        for text in [
            "Server starting - initializing PrometheusMaster metrics", "Updated GUNICORN_WORKERS from CLI: 4",
            "Updated GUNICORN_BIND from CLI: \(address)",
            "Starting Prometheus multiprocess metrics server on :\(server.metricsPort)",
            "Metrics server started successfully on port \(server.metricsPort)",
            "Worker \(interrupted) received interrupt signal",
            "Server shutting down - cleaning up Prometheus metrics server",
        ] {
            let line = lines.first { $0.hasSuffix(said + text) }
            #expect(line?.firstMatch(of: time) != nil, "\(text)")
        }
        #expect(lines.contains { $0.contains(" - gunicorn_prometheus_exporter.hooks - DEBUG - ") })
        let booted = lines.filter { $0.contains("Booting worker with pid: ") }.count
        #expect(lines.filter { $0.contains(said + "Gunicorn configuration: ") }.count == booted, "one line a worker")
    }

    @Test func `that fail are an error in the log, and the server goes on`() throws {
        let guide = try GuideServer("degradation")
        try guide.whenReady(workers: 2) { server in
            #expect(server.log.contains("Custom hook failed: no disk"))
            #expect(
                server.log.contains("Exception in hook when_ready") && server.log.contains("RuntimeError: not handled"))
            #expect(try server.client.get("/").text == "hello")
            let failed = try server.metrics().sum("talon_hook_calls_total", ["outcome": "error", "hook": "when_ready"])
            #expect(failed == 1)
        }
    }
}

@Suite(.serialized) struct `The guide's command line` {
    /// What `--print-config` says of a setting.
    private func printed(_ setting: String, _ arguments: [String]) throws -> String? {
        let guide = try GuideServer("with_cli", arguments + ["--print-config"])
        guard try guide.server.waitForExit() == .exited(0) else { throw TestFailure(guide.server.log) }
        return guide.server.standardOutput.split(separator: "\n").first { $0.hasPrefix("\(setting) ") }.map(String.init)
    }

    @Test func `beats the file with --timeout 600`() throws {
        let line = try printed("timeout", ["--timeout", "600"])
        #expect(line?.hasSuffix(" = 600  # command line") == true, "\(line ?? "")")
        let guide = try GuideServer("with_cli", ["--timeout", "600"])
        try guide.whenReady(workers: 4) { server in
            #expect(try server.client.get("/environment/GUNICORN_TIMEOUT").text == "600")
            for name in ["GUNICORN_WORKERS", "GUNICORN_BIND", "GUNICORN_WORKER_CLASS"] {
                #expect(try server.client.get("/environment/\(name)").text != "unset")
            }
            try server.waitForLogs("\(said)Gunicorn configuration: workers=4 ", count: 4)
        }
    }

    @Test func `beats the file with --workers 8, which the workers see`() throws {
        let guide = try GuideServer("with_cli", ["--workers", "8"])
        try guide.whenReady(workers: 8) { server in
            #expect(try server.client.get("/environment/GUNICORN_WORKERS").text == "8")
            try server.waitForLogs("\(said)Updated GUNICORN_WORKERS from CLI: 8", count: 8)
        }
    }

    @Test func `beats the file and GUNICORN_CMD_ARGS with --bind 0.0.0.0:9000`() throws {
        let guide = try GuideServer("with_cli", ["--bind", "0.0.0.0:9000"], port: 9000)
        try guide.whenReady(workers: 4) { server in
            #expect(TalonServer.addresses(listeningAt: 9000) == ["0.0.0.0"])
            #expect(try server.client.get("/environment/GUNICORN_BIND").text == "0.0.0.0:9000")
            try server.waitForLogs("\(said)Updated GUNICORN_BIND from CLI: 0.0.0.0:9000", count: 4)
        }
    }

    @Test func `takes the exporter's worker class`() throws {
        let path = "gunicorn_prometheus_exporter.PrometheusWorker"
        let guide = try GuideServer("with_cli", ["--worker-class", path])
        try guide.whenReady(workers: 4) { server in
            #expect(try server.client.get("/environment/GUNICORN_WORKER_CLASS").text == path)
            try server.waitForLogs("\(said)Updated GUNICORN_WORKER_CLASS from CLI: \(path)", count: 4)
        }
    }
}
