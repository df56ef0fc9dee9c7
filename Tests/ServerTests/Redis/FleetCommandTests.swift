import Glibc
import TalonTesting
import Testing

private let passed = "Health check passed - metrics endpoint is responding\n"

/// `talon exporter health`, and what becomes of misuse.
@Suite(.serialized) struct `The command of a fleet exporter` {
    private func answer(_ words: [String], _ environment: [String: String] = [:]) throws -> CommandResult {
        try run(
            TestEnvironment.binary(), ["exporter"] + words,
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 },
            within: .seconds(30))
    }

    /// Runs the body beside an exporter of an empty folder.
    private func exporting(
        _ environment: [String: String], _ port: UInt16, _ body: () throws -> Void
    ) throws {
        let directory = try TemporaryDirectory()
        let own = ["PATH": "/usr/bin:/bin", "PROMETHEUS_MULTIPROC_DIR": directory.file("metrics")]
        var launch = Launch(
            try TestEnvironment.binary(), ["exporter", "--port", "\(port)"],
            environment: environment.merging(own) { $1 })
        launch.error = directory.file("log")
        let process = try SpawnedProcess(launch)
        defer {
            process.signal(SIGKILL)
            _ = try? process.wait(within: .seconds(10))
        }
        try eventually("it serves: \(directory.text("log") ?? "")") {
            directory.text("log")?.contains("Metrics server started") == true
        }
        try body()
    }

    /// It is found healthy, at once or a moment later.
    private func expectHealth(_ words: [String], _ environment: [String: String]) throws {
        try eventually("health passes: \(words) \(environment)") {
            let result = try answer(["health"] + words, environment)
            return result.status == 0 && result.output == passed
        }
    }

    @Test func `asks where the exporter is bound`() throws {
        let port = try FreePort.any()
        try exporting(["PROMETHEUS_BIND_ADDRESS": "127.0.0.2"], port) {
            try expectHealth(["--port", "\(port)"], ["PROMETHEUS_BIND_ADDRESS": "127.0.0.2"])
            try expectHealth(["--port", "\(port)", "--bind", "127.0.0.2"], [:])
            let elsewhere = try answer(["health", "--port", "\(port)", "--bind", "127.0.0.1"])
            #expect(elsewhere.status == 1 && elsewhere.error.contains("127.0.0.1:\(port)"), "\(elsewhere.error)")
        }
    }

    @Test(arguments: ["0.0.0.0", "::", ""]) func `asks on loopback where it is bound everywhere`(host: String) throws {
        let port = try FreePort.any()
        try exporting(["PROMETHEUS_BIND_ADDRESS": "0.0.0.0"], port) {
            try expectHealth(["--port", "\(port)", "--bind", host], [:])
        }
    }

    @Test func `finds one alive that speaks TLS, and asks for certificates`() throws {
        let certificates = try Certificates(in: TemporaryDirectory())
        let others = [
            "PROMETHEUS_BIND_ADDRESS": "127.0.0.1", "PROMETHEUS_SSL_CLIENT_CAFILE": certificates.certificate("ca"),
            "PROMETHEUS_SSL_CLIENT_AUTH_REQUIRED": "true",
        ]
        let environment = certificates.environment.merging(others) { $1 }
        let port = try FreePort.any()
        try exporting(environment, port) {
            try expectHealth(["--port", "\(port)"], environment)
            #expect(try answer(["health", "--port", "\(port)"]).status == 1)
        }
        #expect(try answer(["health", "--port", "\(port)"], environment).status == 1)
    }

    @Test func `does not take one without TLS for one that speaks it`() throws {
        let certificates = try Certificates(in: TemporaryDirectory())
        let port = try FreePort.any()
        try exporting(["PROMETHEUS_BIND_ADDRESS": "127.0.0.1"], port) {
            let refused = try answer(["health", "--port", "\(port)"], certificates.environment)
            #expect(refused.status == 1)
        }
    }

    @Test func `passes over what is wrong in variables of others`() throws {
        let port = try FreePort.any()
        // The last one counts only where Redis is read.
        let foreign = ["GUNICORN_WORKERS": "abc", "WEB_CONCURRENCY": "many", "REDIS_PORT": "abc"]
        try exporting(foreign, port) { try expectHealth(["--port", "\(port)"], foreign) }
        let read = try answer(["--from", "redis"], foreign)
        #expect(read.status == 1 && read.error.contains("REDIS_PORT"), "\(read.error)")
        #expect(try answer(["health"], ["PROMETHEUS_METRICS_PORT": "abc"]).status == 1)
    }

    @Test(arguments: [["--aggregate"], ["--aggregate", "--from", "dir"], ["sidecar", "--from=dir", "--aggregate"]])
    func `refuses totals of a folder`(words: [String]) throws {
        let refused = try answer(words)
        #expect(refused.status == 2 && refused.error.hasPrefix("talon exporter: --aggregate "), "\(refused.error)")
    }
}
