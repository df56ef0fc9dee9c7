import Glibc
import TalonTesting
import Testing

/// Bytes of a file of these tests: different everywhere.
private func content(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
}

extension TalonServer {
    /// System calls by which its one worker has read so far, which sendfile(2) is not one of for the file.
    fileprivate func reads() throws -> Int {
        let line = workers().first.flatMap { Files.lines("/proc/\($0.pid)/io").first { $0.hasPrefix("syscr: ") } }
        guard let count = line.flatMap({ Int($0.dropFirst("syscr: ".count)) }) else { throw TestFailure("no syscr") }
        return count
    }
}

/// Both kinds of worker.
private let kinds = [[], ["--threads", "4"]]

@Suite("A file in wsgi.file_wrapper", .serialized, .timeLimit(.minutes(5)))
struct SendFileTests {
    private let bytes = content(3_000_001)

    private func serveFile<Result>(_ options: [String] = [], _ body: (TalonServer) throws -> Result) throws -> Result {
        try serve("files:app", options) { server throws in
            try server.directory.write(bytes, to: "file")
            return try body(server)
        }
    }

    @Test(
        "arrives whole, from where it stands, with the length of its rest, on a connection that is kept",
        arguments: kinds)
    func whole(options: [String]) throws {
        try serveFile(options) { server throws in
            let connection = try server.client.connect()
            for kind in ["buffered", "unbuffered", "changeable", "temporary", "handed"] {
                let whole = try connection.get("/file?kind=\(kind)")
                #expect(whole.body == bytes, "\(kind)")
                #expect(whole["content-length"] == "3000001", "\(kind)")
                #expect(whole["transfer-encoding"] == nil)
            }
            for kind in ["buffered", "unbuffered"] {
                let rest = try connection.get("/file?kind=\(kind)&from=1000000&peek=10")
                #expect(rest.body == Array(bytes[1_000_010...]), "\(kind)")
                #expect(rest["content-length"] == "1999991")
                let few = try connection.get("/file?kind=\(kind)&from=2999990")
                #expect(few.body == Array(bytes[2_999_990...]))
                #expect(try connection.get("/file?kind=\(kind)&from=3000001").body.isEmpty)
            }
            #expect(try connection.get("/").text == "ok")
            try server.waitForEvent("closed", count: 11)
        }
    }

    @Test("is cut at the Content-Length of the application, and what it lacks ends the connection", arguments: kinds)
    func declared(options: [String]) throws {
        try serveFile(options) { server throws in
            let connection = try server.client.connect()
            for length in [0, 10, 70_000, 2_000_000] {
                let cut = try connection.get("/file?from=7&length=\(length)")
                #expect(cut.body == Array(bytes[7..<7 + length]))
                #expect(cut.all("content-length") == ["\(length)"])
            }
            #expect(try connection.get("/").text == "ok")
            for start in [0, 2_999_999] {
                let short = try server.exchange(
                    "GET /file?from=\(start)&length=4000000 HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(short.ending != .late)
                #expect(short.bytes.suffix(2) == bytes.suffix(2))
            }
            // The server has noticed only that the response is short.
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("follows what write() has sent, in a chunk of its own", arguments: kinds)
    func chunked(options: [String]) throws {
        try serveFile(options) { server throws in
            let connection = try server.client.connect()
            for start in [0, 2_999_000] {
                let response = try connection.get("/file?from=\(start)&write=first")
                #expect(response["transfer-encoding"] == "chunked")
                #expect(response.body == Array("first".utf8) + bytes[start...])
            }
            #expect(try connection.get("/").text == "ok")
        }
    }

    @Test("has no body with HEAD, 204 and 304, and HTTP/1.0 gets its length", arguments: kinds)
    func bodiless(options: [String]) throws {
        try serveFile(options) { server throws in
            let connection = try server.client.connect()
            let head = try connection.request("HEAD", "/file")
            #expect(head["content-length"] == "3000001")
            #expect(try connection.get("/file?status=204%20Nothing").body.isEmpty)
            #expect(try connection.get("/file?status=304%20Same").body.isEmpty)
            #expect(try connection.get("/").text == "ok")
            let old = try server.exchange("GET /file HTTP/1.0\r\n\r\n")
            #expect(old.text.lowercased().contains("content-length: 3000001"))
            #expect(old.bytes.suffix(bytes.count) == bytes[...])
            try server.waitForEvent("closed", count: 4)
        }
    }

    @Test("is read where its descriptor does not tell what read() gives")
    func others() throws {
        try serveFile { server throws in
            try server.directory.write(Array("quiet".utf8), to: "words")
            #expect(try run("/bin/gzip", ["-k", server.directory.file("words")]).status == 0)
            let client = server.client
            #expect(try client.get("/file?kind=memory").body == bytes)
            #expect(try client.get("/file?kind=gzip&name=words.gz").text == "quiet")
            #expect(try client.get("/file?kind=shouting&name=words").text == "QUIET")
            #expect(try client.get("/file?kind=pipe").text == "through a pipe")
            #expect(try client.get("/file?kind=proc").text.hasPrefix("Name:"))
            #expect(try client.get("/file?kind=handed&name=words").text == "quiet")
            try server.waitForEvent("closed handed", count: 2)
        }
    }

    @Test("is not read at all, unless sendfile is off: --no-sendfile, SENDFILE")
    func setting() throws {
        for (options, environment, passes) in [
            ([], [:], true), (["--no-sendfile"], [:], false), ([], ["SENDFILE": "0"], false),
        ] as [([String], [String: String], Bool)] {
            try serve("files:app", options, environment: environment) { server throws in
                try server.directory.write(bytes, to: "file")
                _ = try server.client.get("/")
                let before = try server.reads()
                for _ in 0..<10 { #expect(try server.client.get("/file").body == bytes) }
                let count = try server.reads() - before
                // By reading it would be 366 for each file.
                if passes { #expect(count < 2000, "\(count)") } else { #expect(count > 3600, "\(count)") }
            }
        }
    }

    @Test("of 1 GiB passes no memory of the worker, however slowly it is taken", arguments: kinds)
    func large(options: [String]) throws {
        try serve("files:app", options + ["--timeout", "120"]) { server throws in
            let size = 1 << 30
            try server.directory.write("", to: "sparse")
            #expect(truncate(server.directory.file("sparse"), size) == 0)
            let connection = try HTTPConnection(server.endpoint, within: .seconds(120))
            try connection.sendHead("GET", "/file?name=sparse", headers: [("Connection", "close")])
            var received = 0
            var checked = 0
            while let bytes = try connection.receiveBytes(), !bytes.isEmpty {
                received += bytes.count
                guard received >> 20 > checked, checked < 16 else { continue }
                checked = received >> 20
                pause(milliseconds: 10)
            }
            #expect(received > size && received < size + 1000, "\(received)")
            let peak = try #require(server.workers().first?.status("VmHWM")?.split(separator: " ").first)
            #expect(try #require(Int(peak)) >> 10 < 100)
            try server.waitForEvent("closed")
        }
    }

    @Test("that shrinks while it is sent ends like a short response", arguments: kinds)
    func shrinking(options: [String]) throws {
        try serve("files:app", options) { server throws in
            let size = 256 << 20
            try server.directory.write("", to: "sparse")
            #expect(truncate(server.directory.file("sparse"), size) == 0)
            let connection = try HTTPConnection(server.endpoint, within: .seconds(60))
            try connection.sendHead("GET", "/file?name=sparse")
            _ = try connection.receive(until: "\r\n\r\n")
            // The server is in the middle of it: no socket holds as much.
            #expect(truncate(server.directory.file("sparse"), 1 << 20) == 0)
            let answer = connection.receiveToEnd()
            #expect(answer.ending != .late)
            #expect(answer.bytes.count < size)
            try server.waitForEvent("closed")
            #expect(try server.client.get("/").text == "ok")
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("is closed when its client goes away, which is no failure", arguments: kinds, [true, false])
    func clientGone(options: [String], byReset: Bool) throws {
        try serve("files:app", options) { server throws in
            try server.directory.write("", to: "sparse")
            #expect(truncate(server.directory.file("sparse"), 1 << 30) == 0)
            let pids = server.workerPids()
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/file?name=sparse")
            _ = try connection.receive(until: "\r\n\r\n")
            if byReset { connection.reset() } else { connection.close() }
            try server.waitForEvent("closed")
            #expect(try server.client.get("/").text == "ok")
            #expect(server.workerPids() == pids)
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("comes from Flask's send_file, whole and in ranges (RFC 9110 §14)", arguments: kinds)
    func flask(options: [String]) throws {
        try serveFile(options) { server throws in
            let connection = try server.client.connect()
            let whole = try connection.get("/flask")
            #expect(whole.body == bytes)
            let range = try connection.get("/flask", headers: [("Range", "bytes=1000000-1999999")])
            #expect(range.status == 206)
            #expect(range.body == Array(bytes[1_000_000..<2_000_000]))
            #expect(range["content-range"] == "bytes 1000000-1999999/3000001")
            let same = try connection.get("/flask", headers: [("If-None-Match", whole["etag"] ?? "")])
            #expect(same.status == 304)
            #expect(try connection.request("HEAD", "/flask")["content-length"] == "3000001")
            #expect(try connection.get("/").text == "ok")
        }
    }

    @Test("is counted by the bytes that were sent of it")
    func counted() throws {
        try serveFile(["--access-logfile", "-", "--access-logformat", "%(B)s %(r)s"]) { server throws in
            _ = try server.client.get("/file?length=2000000")
            _ = try server.client.get("/file?from=2999000")
            _ = try server.client.request("HEAD", "/file")
            for line in [
                "2000000 GET /file?length=2000000 HTTP/1.1", "1001 GET /file?from=2999000 HTTP/1.1",
                "0 HEAD /file HTTP/1.1",
            ] {
                try eventually("the line \(line)") { server.standardOutput.contains(line) }
            }
        }
    }
}
