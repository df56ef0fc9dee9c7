import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `Connections that wait when a stop begins` {
    /// Clients that have sent a request to a server whose application threads are all held.
    private func waiting(_ count: Int, at endpoint: Endpoint) throws -> [HTTPConnection] {
        try (0..<count).map { _ in
            let connection = try HTTPClient(endpoint).connect()
            try connection.sendHead("GET", "/nap")
            return connection
        }
    }

    private func expectAnswers(_ connections: [HTTPConnection]) throws {
        for connection in connections {
            let response = try connection.receive(within: .seconds(60))
            #expect(response.status == 200 && response.text == "rested")
        }
    }

    @Test(arguments: [1, 3])
    func `are all answered before it ends`(threads: Int) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "\(threads)", in: directory) { server in
            let held = try (0..<threads).map { try HeldRequest(server, "held\($0)") }
            let clients = try waiting(20, at: server.endpoint)
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            for request in held { try request.release() }
            for request in held { #expect(try request.response().text == "held") }
            try expectAnswers(clients)
            #expect(try server.waitForExit() == .exited(0))
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test func `are shared by the workers, whoever is free`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 3) { server in
            let held = try (0..<3).map { try HeldRequest(server, "held\($0)") }
            let clients = try waiting(20, at: server.endpoint)
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            // The others stay busy: one worker alone has to do with it.
            try held[0].release()
            try expectAnswers(clients)
            for request in held { try request.release() }
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test func `on a unix socket are answered, and who comes later is refused`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("app.sock")
        try starting("app:app", "-b", "unix:\(path)", in: directory) { server in
            try server.waitUntilAnswers(at: .unix(path))
            let holding = try HTTPClient(.unix(path)).connect()
            try holding.sendHead("GET", "/hold?a")
            try eventually("the application runs /hold") { Files.exists(directory.file("a.started")) }
            let clients = try waiting(20, at: .unix(path))
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            try eventually("new connections are refused") { (try? HTTPClient(.unix(path)).connect()) == nil }
            try directory.write("", to: "a.go")
            #expect(try holding.receive().text == "held")
            try expectAnswers(clients)
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test func `are not waited for when it is quick`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--graceful-timeout", "120", in: directory) { server in
            let held = try HeldRequest(server, "a")
            let clients = try waiting(5, at: server.endpoint)
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            server.signal(SIGINT)
            #expect(try server.waitForExit() == .exited(0))
            held.close()
            // One may have its turn before the worker looks at its signals.
            #expect(clients.count { $0.isClosedByServer() } >= 4)
        }
    }

    @Test func `are given up in time when nobody can answer them`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--graceful-timeout", "2", in: directory) { server in
            let held = try HeldRequest(server, "a")
            let clients = try waiting(5, at: server.endpoint)
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            held.close()
            for client in clients { #expect(client.isClosedByServer()) }
        }
    }
}
