import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The example exporter-managers-swift` {
    @Test func `does in Swift what the guide's managers do`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("exporter-managers-swift", in: directory)
        let helper = "{path: \(folder)/plugin.yaml, config: {helper: sleep 3600}}"
        try serving("app:app", "--plugin", helper, "--threads", "2", in: directory) { server in
            try server.waitForLog("Custom metrics server setup on port \(server.metricsPort)")
            try server.waitForLog("Metrics server started successfully on port \(server.metricsPort)")
            try server.waitForLog("Custom metrics server started successfully")
            #expect(!server.log.contains("Starting Prometheus multiprocess metrics server"), "the default hook ran too")
            try server.waitForLog("Updated GUNICORN_THREADS from CLI: 2")
            #expect(try server.client.get("/environment?GUNICORN_THREADS").text == "2")

            let runner = try #require(server.children(.hookRunner).first)
            let child = try #require(ProcessTable.children(of: runner.pid).first { $0.name == "sleep" })
            let worker = server.workers()[0]
            worker.signal(SIGINT)
            try eventually("the interrupt is counted") {
                try server.metrics().sum("example_worker_interrupts_total") == 1
            }
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(
                server.log.contains("Terminating child process: \(child.pid)") && !Files.exists("/proc/\(child.pid)"))
        }
    }

    @Test func `tries as often as it is told when the port is taken, and the application serves`() throws {
        let directory = try applicationDirectory()
        let folder = try Example.build("exporter-managers-swift", in: directory)
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        var options = TalonServer.Options()
        options.environment = ["PROMETHEUS_METRICS_PORT": "\(port)"]
        let plugin = "{path: \(folder)/plugin.yaml, config: {attempts: 2, delay: 0.05}}"
        try starting("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try server.waitForLog("(attempt 2/2)")
            try server.waitForLog("Custom metrics server failed to start")
            _ = try server.waitUntilAnswers()
        }
        withExtendedLifetime(other) {}
    }
}
