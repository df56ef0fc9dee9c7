import TalonTesting
import Testing

@Suite(.serialized) struct `D16: the metrics port` {
    @Test func `listens on its own address and no other, whatever the application's is`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.environment["PROMETHEUS_BIND_ADDRESS"] = "127.0.0.2"
        try starting("app:app", in: directory, options: options) { server in
            try server.waitUntilAnswers()
            let own = HTTPClient(.tcp("127.0.0.2", server.metricsPort))
            let page = try eventually("the metrics port answers") { try? own.get("/metrics") }
            #expect(page.status == 200)
            #expect(throws: (any Error).self) { try HTTPClient(.tcp("127.0.0.1", server.metricsPort)).get("/metrics") }
        }
    }
}
