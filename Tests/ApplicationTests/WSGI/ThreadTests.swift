import TalonTesting
import Testing

@Suite("Application threads", .serialized)
struct ThreadTests {
    @Test("run requests at the same time, as many as there are threads")
    func overlap() throws {
        try serve("probe:app", ["--threads", "4"]) { server throws in
            // Each of the four answers only when all four are inside the application.
            let connections = try (0..<4).map { _ in try server.client.connect() }
            for connection in connections { try connection.sendHead("GET", "/meet?count=4") }
            for connection in connections {
                let response = try connection.receive(within: .seconds(40))
                #expect(response.status == 200, "the four did not meet")
            }
        }
    }

    @Test("are never more than asked for", arguments: [("sync", 1), ("gthread", 3), ("sync", 4)])
    func limit(kind: String, threads: Int) throws {
        try serve("probe:app", ["-k", kind, "--threads", "\(threads)"]) { server throws in
            let connections = try (0..<(threads * 2)).map { _ in try server.client.connect() }
            for connection in connections { try connection.sendHead("GET", "/hold?gate=go") }
            try server.waitForEvent("entered", count: threads)
            pause(milliseconds: 200)
            #expect(server.events.count { $0 == "entered" } == threads)
            try server.open(gate: "go")
            for connection in connections {
                let most = try connection.receive().text.split(separator: " ").first.flatMap { Int($0) }
                #expect(most.map { $0 <= threads } == true, "\(most ?? -1) at once")
            }
        }
    }

    @Test("keep the answers of many connections apart")
    func manyConnections() throws {
        try serve("probe:app", ["--threads", "4"], workers: 2) { server throws in
            let connections = try (0..<24).map { _ in try server.client.connect() }
            for round in 0..<5 {
                for (number, connection) in connections.enumerated() {
                    let body = "connection \(number) round \(round)"
                    try connection.sendHead("POST", "/echo", headers: [("Content-Length", "\(body.utf8.count)")])
                    try connection.send(body)
                }
                for (number, connection) in connections.enumerated() {
                    #expect(try connection.receive(method: "POST").text == "connection \(number) round \(round)")
                }
            }
        }
    }

    @Test("leave a connection to another worker while theirs are all busy", arguments: [1, 2, 3])
    func acceptGate(threads: Int) throws {
        try serve("probe:app", ["--threads", "\(threads)"], workers: 2) { server throws in
            // All threads of the two workers but one get a request that lasts until the test lets it go.
            let count = 2 * threads - 1
            var held: [HTTPConnection] = []
            for number in 1...count {
                held.append(try server.client.connect())
                try held[number - 1].sendHead("GET", "/hold?gate=go")
                try server.waitForEvent("entered", count: number)
            }
            let holders = server.events.compactMap { Int32($0.dropFirst("held by ".count)) }
            let free = try #require(server.workerPids().first { pid in holders.count { $0 == pid } < threads })
            #expect(holders.count { $0 == free } == threads - 1)
            for _ in 0..<20 { #expect(try server.answeringPid() == free) }
            try server.open(gate: "go")
            for connection in held { #expect(try connection.receive().status == 200) }
        }
    }
}
