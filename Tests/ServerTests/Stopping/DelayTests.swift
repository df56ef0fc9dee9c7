import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The delay before a stop` {
    private func readiness(_ server: TalonServer) throws -> HTTPResponse {
        try HTTPClient(.tcp("127.0.0.1", server.metricsPort)).get("/readyz")
    }

    private func stops(_ server: TalonServer) -> Int {
        server.logLines.count { $0.contains("on_stopping") }
    }

    @Test func `goes on serving, says so to load balancers, and ends by a second TERM`() throws {
        let directory = try applicationDirectory()
        // It logs each of its hooks.
        let plugin = try Fixture.exampleHook()
        try serving("app:app", "--pre-stop-delay", "600", "--plugin", plugin, in: directory) { server in
            #expect(try readiness(server).status == 200)
            server.signal(SIGTERM)
            try server.waitForLog("Serving for another 600 s before the stop (pre_stop_delay)")
            let answer = try readiness(server)
            #expect(answer.status == 503 && answer.text == "stopping\n")
            #expect(stops(server) == 1)
            #expect(try server.client.get("/").text == "ok")

            // A worker that dies meanwhile is replaced.
            let worker = server.workers()[0]
            worker.signal(SIGKILL)
            try eventually("another worker answers") {
                (try? server.client.get("/pid").text).flatMap { Int32($0) }.map { $0 != worker.pid } ?? false
            }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(stops(server) == 1)
        }
    }

    @Test func `ends by itself`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--pre-stop-delay", "1", in: directory) { server throws in
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(server.log.contains("Serving for another 1 s"))
        }
    }

    @Test(arguments: [SIGINT, SIGQUIT])
    func `is cut short by a quick stop, and none comes before one`(signal: Int32) throws {
        let directory = try applicationDirectory()
        for first in [SIGTERM, signal] {
            try serving("app:app", "--pre-stop-delay", "600", in: directory) { server in
                server.signal(first)
                try server.waitForLog("Handling signal:")
                server.signal(signal)
                #expect(try server.waitForExit() == .exited(0))
            }
        }
    }
}
