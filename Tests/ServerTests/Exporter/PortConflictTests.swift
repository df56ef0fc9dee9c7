import TalonTesting
import Testing

@Suite(.serialized) struct `A metrics port that is taken` {
    private func serve(_ body: (TalonServer, UInt16, () -> Void) throws -> Void) throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        var other: ListeningSocket? = try ListeningSocket(port: port)
        var options = TalonServer.Options()
        options.environment["PROMETHEUS_METRICS_PORT"] = "\(port)"
        try starting("app:app", "-w", "2", in: directory, options: options) { server throws in
            try body(server, port) { other = nil }
        }
        withExtendedLifetime(other) {}
    }

    @Test func `is tried again while the workers serve, and comes up when it is free`() throws {
        try serve { server, port, free throws in
            try server.waitForLog("Port \(port) in use (attempt 1/5), retrying in 0.5 seconds...")
            try server.waitUntilAnswers()
            try server.waitForWorkers(2)
            #expect(try server.client.get("/").text == "ok")
            #expect(server.children(.exporter).isEmpty)
            try server.waitForLog("Port \(port) in use (attempt 2/5), retrying in 1.0 seconds...")
            free()
            try server.waitForLog("Metrics server started successfully on port \(port)")
            let client = HTTPClient(.tcp("127.0.0.1", port))
            #expect(try client.get("/metrics").status == 200)
            #expect(server.children(.exporter).count == 1)
            #expect(try server.client.get("/").text == "ok")
        }
    }

    @Test func `is given up loudly once and then tried quietly for ever, and stops the server at no time`() throws {
        try serve { server, port, free throws in
            try server.waitForLog("Failed to start metrics server after 5 attempts", within: .seconds(60))
            let tries = server.logLines.filter { $0.contains("(attempt ") }
            #expect(tries.count == 4 && tries.allSatisfy { $0.contains("[WARNING]") }, "\(tries)")
            let end = server.logLines.filter { $0.contains("after 5 attempts") }
            #expect(end.count == 1 && end[0].contains("[ERROR]") && end[0].contains("\(port)"), "\(end)")
            #expect(try server.client.get("/").text == "ok")
            let said = server.logLines.count { $0.contains("\(port)") }
            free()
            try server.waitForLog("Metrics server started successfully on port \(port)", within: .seconds(90))
            #expect(server.logLines.count { $0.contains("\(port)") } == said + 1)
            #expect(try HTTPClient(.tcp("127.0.0.1", port)).get("/metrics").status == 200)
        }
    }

    @Test func `is left alone by a server that stops meanwhile`() throws {
        try serve { server, port, _ throws in
            try server.waitForLog("Port \(port) in use (attempt 1/5)")
            try server.waitUntilAnswers()
            server.signal(15)
            #expect(try server.waitForExit() == .exited(0))
        }
    }
}
