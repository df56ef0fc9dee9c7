import Glibc
import TalonTesting
import Testing

/// What `make run-fleet` runs when all is built.
@Suite struct `The fleet that make run-fleet starts` {
    @Test func `is two servers in one Prometheus, and ends whole`() throws {
        let folder = try TemporaryDirectory()
        let ports = try (0..<6).map { _ in try FreePort.any() }
        let fleet = folder.file("fleet")
        var launch = Launch(
            "\(Repository.root)/.make/fleet.sh",
            [try TestEnvironment.binary(), try TestEnvironment.python(), fleet] + ports.map(String.init),
            environment: ["PATH": Promtool.path, "HOME": folder.path])
        launch.output = folder.file("log")
        launch.error = folder.file("log")
        let script = try SpawnedProcess(launch)
        defer {
            script.signal(SIGTERM)
            _ = try? script.wait(within: .seconds(30))
        }
        for port in ports.prefix(2) {
            try eventually("the application answers: \(folder.text("log") ?? "")", within: .seconds(60)) {
                (try? HTTPClient(.tcp("127.0.0.1", port)).get("/"))?.status == 200
            }
        }
        let counted = "count by (job) (sum by (instance) (gunicorn_worker_requests_total) > 0)"
        try eventually("Prometheus has both: \(folder.text("fleet/prometheus.log") ?? "")", within: .seconds(60)) {
            (try? Promtool.query(counted, port: ports[5])) == [2]
        }
        script.signal(SIGTERM)
        #expect(try script.wait(within: .seconds(30)) == .exited(0))
        for port in ports {
            #expect(throws: (any Error).self) { try HTTPClient(.tcp("127.0.0.1", port)).get("/") }
        }
    }
}
