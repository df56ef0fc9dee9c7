import TalonTesting
import Testing

@Suite("In every kind of worker, what goes wrong", .serialized)
struct KindFailureTests {
    @Test(
        "in the application is answered with 500 and logged; the worker goes on",
        arguments: Kind.all)
    func exceptions(kind: Kind) throws {
        try kind.serve { server in
            let pid = try server.answeringPid()
            #expect(try server.client.get("/fail").status == 500)
            try server.waitForLog("RuntimeError: the application gave up")
            #expect(server.log.contains("Traceback (most recent call last):"))
            // Tornado's handlers catch what is raised in them, and log it by themselves.
            if kind.application != Kind.tornado.application {
                try server.waitForLog("Error handling request GET /fail")
            }
            #expect(try server.answeringPid() == pid)
            #expect(server.workerPids() == [pid])
        }
    }

    // Tornado ends a response in good order that its handler has left in the middle.
    @Test(
        "after the application has begun to answer cuts the response; the worker goes on",
        arguments: Kind.all.filter { $0.application != Kind.tornado.application })
    func midway(kind: Kind) throws {
        try kind.serve { server in
            let pid = try server.answeringPid()
            let connection = try server.client.connect()
            let answer = try connection.exchange("GET /fail-midway HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer.status == 200 && answer.text.contains("part"))
            #expect(!answer.text.hasSuffix("0\r\n\r\n"), "the last chunk would say that all is well")
            #expect(answer.responses == 1 && answer.ending != .late)
            try server.waitForLog("RuntimeError: gave up midway")
            #expect(try server.answeringPid() == pid)
            #expect(server.workerPids() == [pid])
        }
    }

    @Test("with a client, which leaves in the middle, hurts nobody and leaves no descriptor open", arguments: Kind.all)
    func clients(kind: Kind) throws {
        try kind.serve { server in
            let pid = try server.answeringPid()
            _ = try server.settledRequests()
            let start = try #require(server.workers().first).descriptors.count
            for (round, byReset) in [false, true].enumerated() {
                func leave(_ connection: HTTPConnection) {
                    if byReset { connection.reset() } else { connection.close() }
                }
                let inHead = try server.client.connect()
                try inHead.send("GET / HT")
                leave(inHead)

                let inBody = try server.client.connect()
                let count = server.events.count { $0 == "reading" }
                try inBody.sendHead("POST", "/read", headers: [("Content-Length", "1000000")])
                try inBody.send([UInt8](repeating: 0x62, count: 2000))
                try server.waitForEvent("reading", count: count + 1)
                leave(inBody)
                try server.waitForEvent("broke off", count: round + 1)

                let inResponse = try server.client.connect()
                try inResponse.sendHead("GET", "/endless")
                _ = try inResponse.receive(until: "xxxx")
                leave(inResponse)
                try server.waitForEvent("endless closed", count: round + 1)

                let waiting = try server.hold("gate\(round)")
                leave(waiting)
                try server.open(gate: "gate\(round)")
            }
            #expect(!server.events.contains("read"), "a cut body passed for a whole one")
            let many = try (0..<40).map { _ in try server.client.connect() }
            for connection in many { #expect(try connection.get("/").status == 200) }
            for connection in many { connection.close() }
            try eventually("as many descriptors as at the start: \(start)") {
                (server.workers().first?.descriptors.count ?? .max) <= start
            }
            #expect(try server.answeringPid() == pid)
            _ = try server.settledRequests()
            let failed = try server.metrics().sum("talon_http_requests_total", ["status": "500"])
            #expect(failed == 0, "a client that leaves is no fault of the server")
            #expect(!server.log.contains("Fatal Python error"))
            #expect(!server.log.contains("never retrieved"), "asyncio complains of a task")
        }
    }
}
