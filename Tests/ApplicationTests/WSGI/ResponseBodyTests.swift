import TalonTesting
import Testing

@Suite("The body of a response", .serialized)
struct ResponseBodyTests {
    @Test(
        "comes as the application makes it: a part arrives before the next is asked for",
        arguments: [[], ["--threads", "2"]])
    func streaming(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/generator?gate=more", headers: [("Connection", "close")])
            let first = try connection.receive(until: "first ")
            #expect(!first.contains("second"))
            #expect(first.lowercased().contains("transfer-encoding: chunked"))
            try server.open(gate: "more")
            let rest = connection.receiveToEnd()
            #expect(rest.text.contains("second"))
            #expect(rest.text.hasSuffix("0\r\n\r\n"))
            try server.waitForEvent("closed generator")
        }
    }

    @Test("is sent by write() at once, before what the application returns")
    func write() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/write?gate=more", headers: [("Connection", "close")])
            #expect(try !connection.receive(until: "first ").contains("second"))
            try server.open(gate: "more")
            let rest = connection.receiveToEnd().text
            let second = try #require(rest.firstRange(of: "second "))
            let third = try #require(rest.firstRange(of: "third"))
            #expect(second.upperBound <= third.lowerBound)
            try server.waitForEvent("closed write")
        }
    }

    @Test("does not end at an empty part, and may have none")
    func emptyParts() throws {
        try serve("probe:app") { server throws in
            #expect(try server.client.get("/empty-parts").text == "onetwo")
            #expect(try server.client.get("/late-start").text == "late")
            let none = try server.client.get("/no-parts")
            #expect(none.status == 200)
            #expect(none.body.isEmpty)
        }
    }

    @Test("is closed once, whether it ends well, fails at its first part or in the middle")
    func closing() throws {
        try serve("probe:app") { server throws in
            try server.open(gate: "more")
            _ = try server.client.get("/generator?gate=more")
            try server.waitForEvent("closed generator")
            _ = try server.client.get("/fail-first")
            try server.waitForEvent("closed fail-first")
            _ = try? server.client.get("/fail-midway")
            try server.waitForEvent("closed fail-midway")
            _ = try server.client.request("HEAD", "/length?says=3&sends=3")
            try server.waitForEvent("closed length")
            #expect(server.events.filter { $0.hasPrefix("closed") }.count == 4)
        }
    }

    @Test("is closed when the client has gone", arguments: [[], ["--threads", "2"]], [true, false])
    func clientGone(options: [String], byReset: Bool) throws {
        try serve("probe:app", options) { server throws in
            let pid = try server.answeringPid()
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/endless")
            _ = try connection.receive(until: "xxxx")
            if byReset { connection.reset() } else { connection.close() }
            try server.waitForEvent("closed endless")
            #expect(try server.answeringPid() == pid)
            #expect(!server.log.contains("Traceback"), "a client that leaves is no error of the application")
        }
    }

    @Test("may be a file in wsgi.file_wrapper, from where it stands and as long as announced")
    func fileWrapper() throws {
        try serve("probe:app") { server throws in
            var content: [UInt8] = []
            for number in 0..<300_000 { content.append(UInt8(truncatingIfNeeded: number &* 31 ^ number >> 7)) }
            try server.directory.write(content, to: "file")
            for kind in ["buffered", "unbuffered"] {
                #expect(try server.client.get("/file-wrapper?kind=\(kind)").body == content)
                #expect(
                    try server.client.get("/file-wrapper?kind=\(kind)&from=100000").body == Array(content[100_000...]))
                let cut = try server.client.get("/file-wrapper?kind=\(kind)&from=10&length=70000")
                #expect(cut.body == Array(content[10..<70_010]))
                #expect(cut["content-length"] == "70000")
                let whole = try server.client.get("/file-wrapper?kind=\(kind)&length=300000")
                #expect(whole.body == content)
                #expect(try server.client.request("HEAD", "/file-wrapper?kind=\(kind)&length=300000").body.isEmpty)
            }
            #expect(try server.client.get("/file-wrapper?kind=told").body.count == 100_000)
            try server.waitForEvent("closed told")
        }
    }

    @Test("is cut at the Content-Length that the application gives")
    func tooLong() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let response = try connection.get("/length?says=5&sends=9")
            #expect(response.text == "xxxxx")
            #expect(response["content-length"] == "5")
            if response.keepsAlive { #expect(try connection.get("/").text == "Hello, world!") }
        }
    }

    @Test("that is shorter than its Content-Length ends the connection, so that the client sees it")
    func tooShort() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/length?says=9&sends=5")
            let answer = connection.receiveToEnd()
            #expect(answer.ending != .late)
            #expect(answer.text.hasSuffix("\r\n\r\nxxxxx"))
        }
    }

    @Test(
        "is not there with HEAD, 204 and 304, and the connection serves on",
        arguments: [
            ("HEAD", "/", 200), ("HEAD", "/length?says=9&sends=9", 200), ("HEAD", "/status?line=200%20OK", 200),
            ("GET", "/status?line=204%20Nothing", 204), ("GET", "/status?line=304%20Same", 304),
        ])
    func noBody(method: String, target: String, status: Int) throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let response = try connection.request(method, target)
            #expect(response.status == status)
            if status == 204 {
                #expect(response["content-length"] == nil)
                #expect(response["transfer-encoding"] == nil)
            }
            guard response.keepsAlive else {
                #expect(connection.isClosedByServer(), "a byte of a body came")
                return
            }
            // Were there a body, its bytes would stand where the next response is expected.
            let next = try connection.get("/")
            #expect(next.status == 200)
            #expect(next.text == "Hello, world!")
        }
    }
}

@Suite("The head of a response", .serialized)
struct ResponseHeadTests {
    @Test("has the application's fields in order and in Latin-1, and the server's own where they are the server's")
    func fields() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/headers", headers: [("Connection", "close")])
            let bytes = connection.receiveToEnd().bytes
            let latin = Array("X-Latin: caf".utf8) + [0xE9, 13, 10]
            #expect(bytes.contains(latin))
            let response = try server.client.get("/headers")
            #expect(response.reason == "Fine")
            #expect(response.all("set-cookie") == ["a=1", "b=2"])
            #expect(response.all("x-empty") == [""])
            #expect(response.all("server") == ["talon"])
            #expect(response.all("date").count == 1)
            #expect(response["date"]?.hasSuffix(" GMT") == true)
            #expect(response.all("connection") == ["close"])
            #expect(response.all("transfer-encoding").isEmpty)
            #expect(response.all("keep-alive").isEmpty)
            #expect(response.all("content-length") == ["2"])
        }
    }

    @Test("says close when the application does, and the server does so")
    func close() throws {
        try serve("probe:app") { server throws in
            let connection = try server.client.connect()
            let response = try connection.get("/close")
            if response.keepsAlive {
                // As gunicorn: Connection is a hop-by-hop field, and the server's.
                #expect(try connection.get("/").status == 200)
            } else {
                #expect(connection.isClosedByServer())
            }
        }
    }
}
