import Glibc
import TalonTesting
import Testing

/// The guide's "Error Handling".
@Suite(.serialized) struct `The guide's recovery` {
    @Test func `has the guide's defaults where nothing is set`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("def app(environ, start_response): pass\n", to: "app.py")
        let shown = try run(
            TestEnvironment.binary(), ["app:app", "--print-config"],
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path], directory: directory.path)
        #expect(shown.end == .exited(0), "\(shown.error)")
        for (name, value) in [
            ("prometheus_multiproc_dir", "/tmp/prometheus_multiproc"), ("prometheus_metrics_port", "9090"),
            ("prometheus_bind_address", "0.0.0.0"), ("keepalive", "2"), ("cleanup_db_files", "false"),
            ("redis_enabled", "false"), ("redis_host", "localhost"), ("redis_port", "6379"), ("redis_db", "0"),
            ("redis_key_prefix", "gunicorn_metrics"), ("redis_forward_interval", "30"), ("workers", "1"),
        ] {
            let line = shown.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            #expect(line?.hasSuffix(" = \(value)  # default") == true, "\(name): \(line ?? "")")
        }
    }

    @Test func `from a metrics port that is taken serves meanwhile, and serves metrics when it is free`() throws {
        let metricsPort = try FreePort.any()
        var other: ListeningSocket? = try ListeningSocket(port: metricsPort)
        let guide = try GuideServer("with_cli", environment: ["PROMETHEUS_METRICS_PORT": "\(metricsPort)"])
        let server = guide.server
        try server.waitForLog("Port \(metricsPort) in use (attempt 1/3), retrying in 1 second...")
        try server.waitForLog("ERROR - Failed to start metrics server")
        #expect(try server.waitUntilAnswers().text == "hello")
        withExtendedLifetime(other) {}
        other = nil
        try eventually("the endpoint is there", within: .seconds(40)) {
            (try? HTTPClient(.tcp("127.0.0.1", metricsPort)).get("/metrics").status) == 200
        }
        try server.stop()
    }

    @Test func `from a kill of workers and of the master leaves no process`() throws {
        let guide = try GuideServer("with_cli")
        let server = guide.server
        try server.waitUntilReady(workers: 4)
        let killed = server.workers()[0]
        killed.signal(SIGKILL)
        try eventually("it is replaced") { !server.workerPids().contains(killed.pid) }
        try server.waitUntilReady(workers: 4)
        server.signal(SIGKILL)
        _ = try server.waitForExit()
        try server.expectNoOrphans()
    }

    @Test(arguments: [SIGQUIT, SIGINT, SIGABRT, SIGTERM]) func `from a worker's end keeps its counts`(number: Int32)
        throws
    {
        let guide = try GuideServer("with_cli", ["--workers", "1"])
        try guide.whenReady(workers: 1) { server in
            for _ in 0..<7 { _ = try server.client.get("/") }
            let ended = server.workers()[0]
            ended.signal(number)
            try eventually("it is replaced") { !server.workerPids().contains(ended.pid) }
            try server.waitForWorkers(1)
            try server.waitForRequests(8)
        }
    }

    @Test func `needs no server, folder or port when the module is only imported`() throws {
        let directory = try TemporaryDirectory()
        let modules = try TestEnvironment.binary().replacing("/bin/talon", with: "/lib/talon/python")
        let script = """
            import os, sys, threading
            sys.path[:0] = [sys.argv[1], sys.argv[1] + "/modules"]
            before = dict(os.environ), os.listdir("/proc/self/fd")
            import gunicorn_prometheus_exporter, gunicorn_prometheus_exporter.hooks as hooks
            hooks.HookManager(), hooks.EnvironmentManager(), hooks.MetricsServerManager(), hooks.ProcessManager()
            assert before == (dict(os.environ), os.listdir("/proc/self/fd")), "changed"
            assert threading.active_count() == 1 and os.listdir(".") == []
            """
        let python = try TestEnvironment.python()
        let result = try run(
            python, ["-c", script, modules],
            environment: ["PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"], directory: directory.path)
        #expect(result.status == 0, "\(result.error)")
    }
}
