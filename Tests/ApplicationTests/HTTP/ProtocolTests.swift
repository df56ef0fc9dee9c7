import TalonTesting
import Testing

@Suite("To the letter of the RFCs, Talon", .serialized)
struct ProtocolTests {
    @Test("gives an application the host of an absolute target, whatever Host says (RFC 9112 §3.2.2)")
    func hostOfTarget() throws {
        try serve("environ:app") { server throws in
            let answer = try server.exchange(
                "GET http://target:81/path HTTP/1.1\r\nHost: field\r\nConnection: close\r\n\r\n")
            #expect(answer.text.contains("HTTP_HOST\tstr\ttarget:81\n"))
            #expect(answer.text.contains("PATH_INFO\tstr\t/path\n"))
        }
    }

    @Test(
        "sends no page in answer to a refused HEAD (RFC 9110 §9.3.2)",
        arguments: ["Host: a\r\nHost: a", "Host: a\r\nX: \u{1}", "Host: a\r\nTransfer-Encoding: x"])
    func refusedHead(fields: String) throws {
        try serve("probe:app") { server throws in
            let answer = try server.exchange("HEAD / HTTP/1.1\r\n\(fields)\r\n\r\n")
            #expect(answer.responses == 1)
            #expect(answer.text.hasSuffix("\r\n\r\n"), "\(answer.text)")
        }
    }

    @Test("takes no interim response for the final one of an application (RFC 9110 §15.2)", arguments: [100, 102, 103])
    func interim(status: Int) throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            #expect(try connection.get("/status?line=\(status)%20Soon").status == 500)
        }
    }

    @Test("sends no content with 205, and says so (RFC 9110 §15.3.6)")
    func resetContent() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let response = try connection.get("/status?line=205%20Reset%20Content")
            #expect(response.status == 205 && response["content-length"] == "0" && response.body.isEmpty)
            #expect(try connection.get("/").text == "Hello, world!")
        }
    }

    @Test(
        "reads on after its last response, so that no reset takes that away (RFC 9112 §9.6)",
        arguments: [[], ["-k", "gthread", "--threads", "2"]])
    func lingers(options: [String]) throws {
        try serve("probe:app", options + ["--keep-alive", "0"]) { server throws in
            let connection = try server.client.connect()
            let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
            try connection.send(request)
            try eventually("the response is here") { try connection.receiveBytes() != nil }
            // The client has not asked for the end, and goes on.
            try connection.send(String(repeating: request, count: 1000))
            #expect(connection.receiveToEnd().ending == .closed)
        }
    }
}
