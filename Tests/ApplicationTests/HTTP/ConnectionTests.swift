import TalonTesting
import Testing

@Suite("A connection", .serialized)
struct ConnectionTests {
    @Test("carries one request after the other", arguments: [[], ["--threads", "4"]])
    func keepAlive(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let connection = try server.client.connect()
            for number in 0..<20 {
                let body = Array("request \(number)".utf8)
                let response = try connection.request("POST", "/echo", body: body)
                #expect(response.body == body)
                #expect(response.keepsAlive)
            }
            // With a body of unknown length and an answer of unknown length, too.
            try connection.send("POST /echo-pieces HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try connection.send("3\r\nabc\r\n0\r\n\r\n")
            #expect(try connection.receive(method: "POST").text == "abc")
            #expect(try connection.get("/").text == "Hello, world!")
        }
    }

    @Test("that is kept and idle holds no application thread", arguments: [[], ["-k", "gthread", "--threads", "2"]])
    func idle(options: [String]) throws {
        try serve("probe:app", options + ["--keep-alive", "60"]) { server throws in
            let idle = try (0..<20).map { _ in try server.client.connect() }
            for connection in idle { #expect(try connection.get("/").keepsAlive) }
            #expect(try server.client.get("/").status == 200, "a further client is served")
            for connection in idle { #expect(try connection.get("/").text == "Hello, world!") }
        }
    }

    @Test("that has never sent a byte, or half a head, holds nobody up", arguments: [[], ["--threads", "2"]])
    func slowHead(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let silent = try (0..<20).map { _ in try server.client.connect() }
            let slow = try (0..<20).map { _ in try server.client.connect() }
            for connection in slow { try connection.send("GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ye") }
            for _ in 0..<5 { #expect(try server.client.get("/").status == 200) }
            for connection in slow {
                try connection.send("s\r\n\r\n")
                #expect(try connection.receive().text == "Hello, world!")
            }
            withExtendedLifetime(silent) {}
        }
    }

    @Test("may send requests before the answers to earlier ones come; the answers keep their order")
    func pipelining() throws {
        try serve("probe:app", ["--threads", "4"]) { server throws in
            let connection = try server.client.connect()
            var requests = ""
            for number in 0..<30 {
                let body = "body \(number)"
                requests += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                requests += "GET /empty-parts HTTP/1.1\r\nHost: h\r\n\r\n"
            }
            try connection.send(requests)
            for number in 0..<30 {
                #expect(try connection.receive(method: "POST").text == "body \(number)")
                #expect(try connection.receive().text == "onetwo")
            }
        }
    }

    @Test(
        "may send far more requests than it reads answers to; the worker waits, and lives",
        arguments: [[], ["--threads", "4"]])
    func unreadAnswers(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let pid = try server.answeringPid()
            let connection = try HTTPConnection(server.endpoint, within: .seconds(2))
            let requests = String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 500)
            var sent = 0
            // Until both directions are full: then the server no longer reads, since nobody reads what it answers.
            #expect(throws: HTTPFailure.notSent(110)) {
                while sent < 2_000_000 {
                    try connection.send(requests)
                    sent += 500
                }
            }
            #expect(server.workerPids() == [pid], "\(server.logLines.suffix(5))")
            connection.finishSending()
            let answers = connection.receiveToEnd(within: .seconds(60)).responses
            #expect(answers >= sent, "\(answers) answers to \(sent) requests")
            #expect(try server.answeringPid() == pid)
        }
    }

    @Test("answers what came before the client said that it sends nothing more")
    func halfClosed() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /empty-parts HTTP/1.1\r\nHost: h\r\n\r\n")
            connection.finishSending()
            #expect(try connection.receive().text == "Hello, world!")
            #expect(try connection.receive().text == "onetwo")
            #expect(connection.isClosedByServer())
        }
    }

    @Test("closes after a request that says close, and ignores what is sent behind it")
    func close() throws {
        try serve("probe:app") { server throws in
            let request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            let answer = try server.exchange(request + "GET /pid HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer.responses == 1)
            #expect(answer.text.lowercased().contains("connection: close"))
            #expect(answer.ending != .late)
        }
    }

    @Test("of HTTP/1.0 closes after the answer, unless it asks to be kept")
    func oldProtocol() throws {
        try serve("probe:app") { server throws in
            let once = try server.exchange("GET / HTTP/1.0\r\n\r\n")
            #expect(once.status == 200)
            #expect(once.text.hasSuffix("\r\n\r\nHello, world!"))
            #expect(once.ending == .closed)

            let kept = try server.client.connect()
            for _ in 0..<3 {
                try kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let response = try kept.receive()
                #expect(response.text == "Hello, world!")
                #expect(response["connection"]?.lowercased() == "keep-alive")
            }

            // A body of unknown length has no chunks there: the end of the connection ends it.
            let stream = try server.exchange("GET /late-start HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(stream.text.hasSuffix("\r\n\r\nlate"))
            #expect(!stream.text.lowercased().contains("transfer-encoding"))
            #expect(stream.ending == .closed)
        }
    }

    @Test("may bring a request byte by byte")
    func byteByByte() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let request =
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\nX-Trailer: 1\r\n\r\n"
            for byte in Array(request.utf8) { try connection.send([byte]) }
            #expect(try connection.receive(method: "POST").text == "wikipedia")
            for byte in Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8) { try connection.send([byte]) }
            #expect(try connection.receive().text == "Hello, world!")
        }
    }

    @Test(
        "that ends in the middle of a head or a body hurts nobody", arguments: [[], ["--threads", "2"]], [true, false])
    func clientGone(options: [String], byReset: Bool) throws {
        try serve("probe:app", options) { server throws in
            let pid = try server.answeringPid()
            for beginning in ["GET / HT", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Le"] {
                let connection = try server.client.connect()
                try connection.send(beginning)
                if byReset { connection.reset() } else { connection.close() }
            }
            for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
                let connection = try server.client.connect()
                try connection.send("POST /read-all HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n")
                let block = String(repeating: "b", count: 2000)
                try connection.send(framing.hasPrefix("C") ? block : "7d0\r\n\(block)\r\n")
                let count = framing.hasPrefix("C") ? 1 : 2
                try server.waitForEvent("first block", count: count)
                if byReset { connection.reset() } else { connection.close() }
                try eventually("the application learns that the body broke off; so far \(server.events)") {
                    server.events.count { $0.hasPrefix("broke off: ") } == count
                }
            }
            #expect(!server.events.contains { $0.hasPrefix("read ") }, "a cut body passed for a whole one")
            #expect(try server.answeringPid() == pid)
        }
    }

    @Test("finishes its streaming answer when the server is told to stop", arguments: [[], ["--threads", "2"]])
    func gracefulStop(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/generator?gate=more")
            _ = try connection.receive(until: "first ")
            server.signal(15)
            try server.waitForLog("Handling signal: term")
            // A worker that runs the application on its main thread has the listener open until that returns.
            if !options.isEmpty {
                try eventually("new connections are refused") { (try? server.client.connect()) == nil }
            }
            try server.open(gate: "more")
            #expect(try connection.receive(until: "0\r\n\r\n").contains("second"))
            #expect(try server.waitForExit() == .exited(0))
            try server.waitForEvent("closed generator")
        }
    }
}
