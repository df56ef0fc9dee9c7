import TalonTesting
import Testing

@Suite("A kind of worker that runs many requests in one thread", .serialized)
struct KindConcurrencyTests {
    @Test("lets 300 that wait end together", arguments: Kind.concurrent)
    func many(kind: Kind) throws {
        try kind.serve { server in
            let clock = ContinuousClock()
            let connections = try (0..<300).map { _ in try HTTPConnection(server.endpoint, within: .seconds(60)) }
            let taken = try clock.measure {
                for connection in connections { try connection.sendHead("GET", "/wait?seconds=0.5") }
                for connection in connections { #expect(try connection.receive().text == "ok") }
            }
            // One after the other they take 150 s.
            #expect(taken < .seconds(15))
        }
    }

    @Test("has no more connections than worker_connections", arguments: Kind.concurrent)
    func limit(kind: Kind) throws {
        try kind.serve(["--worker-connections", "4", "--keep-alive", "60"]) { server in
            let held = try (0..<4).map { try server.hold("gate\($0)") }
            let waiting = try server.client.connect()
            try waiting.sendHead("GET", "/")
            #expect(try waiting.receiveBytes(within: .milliseconds(300)) == nil, "a fifth request was begun")
            try server.open(gate: "gate0")
            #expect(try held[0].receive().text == "ok")
            held[0].close()  // an idle connection counts, too
            #expect(try waiting.receive().text == "ok")
            for number in 1..<4 {
                try server.open(gate: "gate\(number)")
                #expect(try held[number].receive().text == "ok")
            }
        }
    }

    @Test("reads many slow bodies and sends many slow responses at a time", arguments: Kind.concurrent)
    func slowClients(kind: Kind) throws {
        try kind.serve { server in
            let body = Pattern.body(200_000)
            let uploads = try (0..<30).map { _ in try server.client.connect() }
            for connection in uploads {
                try connection.sendHead("POST", "/digest", headers: [("Content-Length", "\(body.count)")])
            }
            let downloads = try (0..<30).map { _ in try server.client.connect() }
            for connection in downloads { try connection.sendHead("GET", "/bytes?size=3000000&unknown=1") }
            for start in stride(from: 0, to: body.count, by: 20_000) {
                for connection in uploads { try connection.send(Array(body[start..<start + 20_000])) }
            }
            #expect(try server.client.get("/").text == "ok", "nobody reads the downloads yet")
            for connection in uploads { #expect(try connection.receive(method: "POST").text == "200000 right") }
            let expected = Pattern.body(3_000_000)
            for connection in downloads { #expect(try connection.receive().body == expected) }
        }
    }
}
