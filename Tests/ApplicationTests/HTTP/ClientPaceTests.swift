import TalonTesting
import Testing

@Suite("A client of an unusual pace", .serialized)
struct ClientPaceTests {
    @Test("that pipelines much and reads nothing costs no worker", arguments: [[], ["--threads", "4"]])
    func pipelinedAndUnread(options: [String]) throws {
        try serve("pace:app", options) { server throws in
            let before = try server.client.get("/").text
            let greedy = try server.client.connect()
            try greedy.send(String(repeating: "GET /large HTTP/1.1\r\nHost: h\r\n\r\n", count: 250))
            // The server is stuck on it until it goes; then all is as before.
            _ = try greedy.receive()
            greedy.reset()
            let after = try server.client.get("/").text
            #expect(after == before, "the same worker")
            #expect(!server.log.contains("Fatal Python error"))
        }
    }

    @Test("that pipelines requests which together exceed the timeout is served, and nobody is killed")
    func pipelinedAndLong() throws {
        try serve("pace:app", ["-t", "2"]) { server throws in
            let connection = try server.client.connect()
            try connection.send(String(repeating: "GET /tenth HTTP/1.1\r\nHost: h\r\n\r\n", count: 40))
            for _ in 0..<40 { #expect(try connection.receive().text == "ok") }
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
    }

    @Test("that sends the body later than the head, on a kept connection, has the time of a request for it")
    func bodyAfterHead() throws {
        try serve("probe:app", ["--keep-alive", "1"]) { server throws in
            let connection = try server.client.connect()
            #expect(try connection.get("/").keepsAlive)
            try connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n")
            // Longer than the keep-alive time; nothing may come, least of all a 408.
            #expect(try connection.receiveBytes(within: .milliseconds(1800)) == nil)
            try connection.send("late")
            #expect(try connection.receive(method: "POST").text == "late")
        }
    }

    @Test("that expects 100 Continue is not told so in the middle of a response")
    func expectationTooLate() throws {
        try serve("pace:app") { server throws in
            let connection = try server.client.connect()
            let head = "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            try connection.send(head + "later")
            let response = try connection.receive(method: "POST")
            #expect(response.status == 200)
            #expect(response.text == "firstlater")
        }
    }

    @Test("of HTTP/1.0 sees that a response broke off, although it has no length")
    func brokenWithoutLength() throws {
        try serve("pace:app") { server throws in
            let connection = try server.client.connect()
            try connection.send("GET /broken HTTP/1.0\r\n\r\n")
            #expect(throws: HTTPFailure.self) { try connection.receive() }
        }
    }

    @Test("with a head of the largest size and a body is answered at once")
    func largestHead() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let field = "X-Large: " + String(repeating: "a", count: 8100) + "\r\n"
            let target = "/echo?" + String(repeating: "q", count: 4000)
            try connection.send(
                "POST \(target) HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n" + String(repeating: field, count: 98)
                    + "\r\n")
            try connection.send(String(repeating: "b", count: 60000))
            let response = try connection.receive(method: "POST")
            #expect(response.status == 200 || response.status == 431)
        }
    }
}
