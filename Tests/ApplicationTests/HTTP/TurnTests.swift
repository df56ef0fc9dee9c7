import TalonTesting
import Testing

@Suite("Requests that a worker of one thread finds together") struct TurnTests {
    @Test("are answered one by one: a response does not wait for the next request's application")
    func answeredAtOnce() throws {
        try serve("turns:app") { server throws in
            let (holder, first, last) = try (server.client.connect(), server.client.connect(), server.client.connect())
            for connection in [holder, first, last] { #expect(try connection.get("/").text == "ok") }
            try holder.sendHead("GET", "/hold")
            try server.waitForEvent("/hold")
            try first.sendHead("GET", "/")
            try last.sendHead("GET", "/last")
            try server.open(gate: "gate-hold")
            try server.waitForEvent("/last")
            #expect(try first.receive().text == "ok")
            try server.open(gate: "gate-last")
            #expect(try last.receive().text == "ok")
        }
    }
}
