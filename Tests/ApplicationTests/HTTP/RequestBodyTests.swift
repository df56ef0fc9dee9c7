import TalonTesting
import Testing

@Suite("The body of a request", .serialized)
struct RequestBodyTests {
    private static let chunked = "HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"

    @Test("may be chunked: sizes in hex of either case, extensions, trailers")
    func chunks() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let ten = "0123456789"
            for (body, expected) in [
                ("0\r\n\r\n", ""), ("a\r\n\(ten)\r\n0\r\n\r\n", ten), ("A\r\n\(ten)\r\n0\r\n\r\n", ten),
                ("000a\r\n\(ten)\r\n0\r\n\r\n", ten), ("a;name=value;other=\"quoted\"\r\n\(ten)\r\n0\r\n\r\n", ten),
                ("1\r\n0\r\n9\r\n123456789\r\n000\r\n\r\n", ten),
                ("a\r\n\(ten)\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n", ten),
                ("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
            ] {
                try connection.send("POST /echo \(Self.chunked)\r\n" + body)
                #expect(try connection.receive(method: "POST").text == expected, "\(body.debugDescription)")
            }
            // In pieces that do not care for chunks.
            try connection.send(
                "POST /echo-pieces?size=3 \(Self.chunked)\r\n4\r\nabcd\r\n1\r\ne\r\n5\r\nfghij\r\n0\r\n\r\n")
            #expect(try connection.receive(method: "POST").text == "abcdefghij")
        }
    }

    @Test("is read like a file, in all the ways that a file has", arguments: 0..<12)
    func likeFile(seed: Int) throws {
        try serve("probe:app", seed % 2 == 0 ? [] : ["--threads", "2"]) { server throws in
            for order in 0..<8 {
                let number = seed * 100 + order
                let body = try server.client.get("/body?seed=\(number)").body
                let target = "/read-like-a-file?seed=\(number)&order=\(order)"
                let connection = try server.client.connect()
                if order % 2 == 0 {
                    #expect(try connection.request("POST", target, body: body).text == "the same", "\(target)")
                } else {
                    try connection.send("POST \(target) \(Self.chunked)\r\n")
                    var start = 0
                    while start < body.count {
                        let part = body[start..<min(start + 1 + (start * 31 + number) % 50_000, body.count)]
                        start = part.endIndex
                        try connection.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
                    }
                    try connection.send("0\r\n\r\n")
                    #expect(try connection.receive(method: "POST").text == "the same", "chunked \(target)")
                }
            }
        }
    }

    @Test("reaches the application as it comes, before its end")
    func streaming() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.send("POST /read-all \(Self.chunked)\r\n400\r\n\(String(repeating: "x", count: 1024))\r\n")
            try server.waitForEvent("first block")
            try connection.send("3\r\nend\r\n0\r\n\r\n")
            #expect(try connection.receive(method: "POST").text == "1027")
        }
    }

    @Test(
        "that the application does not read does not stand before the next request", arguments: [10, 40_000, 3_000_000])
    func unread(size: Int) throws {
        try serve("probe:app") { server throws in
            for framing in ["length", "chunked"] {
                let connection = try server.client.connect()
                let body = String(repeating: "GET /fail HTTP/1.1\r\n\r\n", count: size / 22 + 1)
                let count = body.utf8.count
                if framing == "length" {
                    try connection.send("POST /ignore-body HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\n\r\n")
                    // Where the server does not want so much, it may close: then there is no next request.
                    try? connection.send(body)
                } else {
                    try connection.send("POST /ignore-body \(Self.chunked)\r\n\(String(count, radix: 16))\r\n")
                    try? connection.send(body + "\r\n0\r\n\r\n")
                }
                let response = try connection.receive(method: "POST")
                #expect(response.text == "body not read")
                // A small body of known length was read before the application was called.
                if size <= 40_000, framing == "length" { #expect(response.keepsAlive) }
                if response.keepsAlive { #expect(try connection.get("/").text == "Hello, world!") }
            }
            #expect(server.logCount("Error handling request") == 0)
            #expect(server.logCount("Invalid request") == 0)
        }
    }

    @Test("is asked for by 100 Continue when the application reads it, not before")
    func expectContinue() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.sendHead(
                "POST", "/gate-then-read?gate=read", headers: [("Content-Length", "4"), ("Expect", "100-continue")])
            try server.waitForEvent("entered")
            #expect(try connection.receiveBytes(within: .milliseconds(300)) == nil, "the application does not read yet")
            try server.open(gate: "read")
            #expect(try connection.receive(method: "POST").status == 100)
            try connection.send("body")
            let response = try connection.receive(method: "POST")
            #expect(response.status == 200)
            #expect(response.text == "4")
            #expect(try connection.get("/").text == "Hello, world!")
        }
    }

    @Test("is not asked for when the application answers without it")
    func expectRefused() throws {
        try serve("probe:app") { server throws in
            for target in ["/ignore-body", "/nowhere", "/fail"] {
                let connection = try server.client.connect()
                try connection.sendHead("POST", target, headers: [("Content-Length", "4"), ("Expect", "100-continue")])
                let response = try connection.receive(method: "POST")
                #expect(response.status == ["/ignore-body": 200, "/nowhere": 404][target] ?? 500)
                if response.keepsAlive {
                    // The server cannot know whether the client sends the body all the same.
                    try connection.send("body")
                    #expect(try connection.get("/").text == "Hello, world!")
                } else {
                    #expect(connection.isClosedByServer())
                }
            }
        }
    }

    @Test("that is there with Expect, or expected in HTTP/1.0, brings no harm")
    func expectAtOnce() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.send(
                "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\nbody")
            var response = try connection.receive(method: "POST")
            if response.status == 100 { response = try connection.receive(method: "POST") }
            #expect(response.text == "body")
            let old = try server.exchange(
                "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody")
            #expect(old.status == 200, "HTTP/1.0 knows no 100: \(old.text)")
            #expect(old.responses == 1)
        }
    }

    @Test(
        "whose chunks are broken is answered with 400 or not at all, never with 200",
        arguments: [
            "zz\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "3 x\r\nabc\r\n0\r\n\r\n",
            "3\nabc\n0\n\n", "\r\n3\r\nabc\r\n0\r\n\r\n", "fffffffffffffffff\r\nabc", "3\r\nabc0\r\n\r\n",
            "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n", "3\r\nabc\r\n0\r\nbad trailer\r\n\r\n",
            "3\r\nab\r\n0\r\n\r\n",
            "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", "1;\nx\r\n0\r\n\r\n",
        ])
    func brokenChunks(body: String) throws {
        try serve("probe:app") { server throws in
            let pid = try server.answeringPid()
            let connection = try server.client.connect()
            try connection.send("POST /echo \(Self.chunked)\r\n" + body)
            connection.finishSending()
            let answer = connection.receiveToEnd()
            #expect(answer.status == nil || answer.status == 400, "\(answer.text.prefix(60))")
            #expect(answer.responses <= 1)
            #expect(answer.ending != .late)
            #expect(try server.answeringPid() == pid)
        }
    }

    @Test("that is shorter than announced is no whole body to the application")
    func cut() throws {
        try serve("probe:app") { server throws in
            for request in [
                "POST /read-all HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nonly this",
                "POST /read-all \(Self.chunked)\r\n9\r\nonly this\r\n",
            ] {
                let connection = try server.client.connect()
                try connection.send(request)
                connection.finishSending()
                let answer = connection.receiveToEnd()
                #expect(answer.status != 200, "\(answer.text.prefix(60))")
                #expect(answer.ending != .late)
            }
            #expect(!server.events.contains { $0.hasPrefix("read ") })
        }
    }
}
