import TalonTesting
import Testing

extension TalonServer {
    /// The most memory that its one worker has had, in MiB.
    fileprivate func peakMemory() throws -> Int {
        let field = workers().first?.status("VmHWM")
        guard let kibibytes = field?.split(separator: " ").first.flatMap({ Int($0) }) else {
            throw TestFailure("no VmHWM of a worker")
        }
        return kibibytes / 1024
    }
}

@Suite("Bodies that no memory should hold", .serialized, .timeLimit(.minutes(5)))
struct BulkTests {
    @Test(
        "are taken in as slowly as the application reads them",
        arguments: [
            (1024, false, [String]()), (256, true, []), (256, false, ["--threads", "4"]),
            (1024, true, ["--threads", "4"]),
        ])
    func upload(mebibytes: Int, chunked: Bool, options: [String]) throws {
        try serve("bulk:app", options + ["--timeout", "120"]) { server throws in
            let size = mebibytes << 20
            let connection = try HTTPConnection(server.endpoint, within: .seconds(120))
            let framing = chunked ? ("Transfer-Encoding", "chunked") : ("Content-Length", "\(size)")
            try connection.sendHead("POST", "/upload", headers: [framing])
            let block: [UInt8]
            if chunked {
                block = Array("\(String(Pattern.size, radix: 16))\r\n".utf8) + Pattern.bytes + [13, 10]
            } else {
                block = Pattern.bytes
            }
            for _ in 0..<(size / Pattern.size) { try connection.send(block) }
            if chunked { try connection.send("0\r\n\r\n") }
            #expect(try connection.receive(method: "POST").text == "\(size) right")
            #expect(try server.peakMemory() < 100)
        }
    }

    @Test("are not taken in at all while the application does not read", arguments: [[], ["--threads", "4"]])
    func unreadUpload(options: [String]) throws {
        try serve("bulk:app", options) { server throws in
            let size = 512 << 20
            let connection = try HTTPConnection(server.endpoint, within: .seconds(2))
            try connection.sendHead("POST", "/upload?gate=read", headers: [("Content-Length", "\(size)")])
            try server.waitForEvent("entered")
            var sent = 0
            #expect(throws: HTTPFailure.self, "512 MiB were taken in that nobody reads") {
                while sent < size {
                    try connection.send(Pattern.bytes)
                    sent += Pattern.size
                }
            }
            #expect(sent < 64 << 20)
            #expect(try server.peakMemory() < 100)
            connection.close()
            try server.open(gate: "read")
            #expect(try server.client.get("/").status == 200)
        }
    }

    @Test(
        "are made as slowly as the client takes them",
        arguments: [
            (1024, "", [String]()), (256, "&chunked=1", []), (1024, "", ["--threads", "4"]),
            (256, "&block=3000000", []),
        ])
    func download(mebibytes: Int, query: String, options: [String]) throws {
        try serve("bulk:app", options + ["--timeout", "120"]) { server throws in
            let size = mebibytes << 20
            let connection = try HTTPConnection(server.endpoint, within: .seconds(120))
            try connection.sendHead("GET", "/download?size=\(size)\(query)", headers: [("Connection", "close")])
            var received = 0
            var checked = 0
            while let bytes = try connection.receiveBytes(), !bytes.isEmpty {
                received += bytes.count
                // Slow over the first 32 MiB. The application must not be far ahead of what was read.
                guard received >> 20 > checked, checked < 32 else { continue }
                checked = received >> 20
                pause(milliseconds: 10)
                let made = server.events.last.flatMap { Int($0.dropFirst("made ".count)) } ?? 0
                #expect(made <= received + 40 << 20, "made \(made) when \(received) were read")
            }
            #expect(received >= size, "\(received) of \(size) bytes came")
            // Head and framing of the chunks, at most 20 bytes for each.
            #expect(received <= size + 1000 + size / 2000)
            #expect(try server.peakMemory() < 100)
        }
    }

    @Test("arrive whole and in order")
    func content() throws {
        try serve("bulk:app", ["--threads", "2"]) { server throws in
            for query in ["", "&chunked=1", "&block=1000", "&chunked=1&block=100001"] {
                let size = 3_000_001
                let body = try server.client.get("/download?size=\(size)\(query)").body
                let expected = (0..<size).map { Pattern.bytes[$0 % Pattern.size] }
                #expect(body == expected, "\(query)")
            }
        }
    }
}
