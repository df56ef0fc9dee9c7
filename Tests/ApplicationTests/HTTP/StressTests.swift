import TalonTesting
import Testing

private let kinds = [[String](), ["-k", "gthread", "--threads", "4"]]

extension TalonServer {
    /// Its only worker.
    fileprivate func worker() throws -> ProcessEntry {
        guard let worker = workers().first else { throw TestFailure("no worker") }
        return worker
    }

    /// Runs the body; then the same worker serves, and has as many descriptors open as before.
    fileprivate func expectUnharmed(_ body: () throws -> Void) throws {
        let worker = try worker()
        #expect(try client.get("/").status < 500)
        var before = -1
        try eventually("the number of descriptors stands still") {
            let now = worker.descriptorCount
            defer { before = now }
            return now == before
        }
        try body()
        #expect(try client.get("/").status < 500)
        #expect(try self.worker().pid == worker.pid, "another worker: \(logLines.suffix(5))")
        try eventually("as many descriptors as before, \(before); now \(worker.descriptorCount)") {
            worker.descriptorCount <= before
        }
        #expect(!log.contains("WORKER TIMEOUT"))
    }
}

extension ProcessEntry {
    fileprivate var descriptorCount: Int { Files.names(in: "/proc/\(pid)/fd").count }

    /// Resident memory in KiB.
    fileprivate var residentSize: Int {
        status("VmRSS")?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    }
}

@Suite("Under clients that mean harm, a worker", .serialized, .timeLimit(.minutes(5)))
struct StressTests {
    private static let head = "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "

    @Test("serves others while hundreds send their heads byte by byte", arguments: kinds)
    func slowHeads(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            try server.expectUnharmed {
                let slow = try (0..<300).map { _ in try server.client.connect() }
                for byte in Self.head.utf8 {
                    for connection in slow { try connection.send([byte]) }
                    if byte == 0x20 { #expect(try server.client.get("/").status == 200) }
                }
                for connection in slow { try connection.send("\r\n\r\n") }
                for connection in slow { #expect(try connection.receive().status == 200) }
            }
        }
    }

    @Test("serves others while hundreds send their bodies byte by byte", arguments: kinds)
    func slowBodies(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            try server.expectUnharmed {
                let slow = try (0..<300).map { _ in try server.client.connect() }
                for connection in slow { try connection.sendHead("POST", "/echo", headers: [("Content-Length", "20")]) }
                for number in 0..<20 {
                    for connection in slow { try connection.send("b") }
                    if number % 5 == 0 { #expect(try server.client.get("/").status == 200) }
                }
                for connection in slow { #expect(try connection.receive(method: "POST").body.count == 20) }
            }
        }
    }

    @Test("is let go by one that never reads its response, or never sends the body that is read")
    func silence() throws {
        try serve("bulk:app", ["-t", "4"]) { server throws in
            try server.expectUnharmed {
                let unread = try server.client.connect()
                try unread.sendHead("GET", "/download?size=1000000000")
                let unsent = try server.client.connect()
                try unsent.sendHead("POST", "/upload", headers: [("Content-Length", "1000000")])
                // Half of the timeout each.
                #expect(try server.client.get("/").status == 200)
                withExtendedLifetime((unread, unsent)) {}
            }
        }
    }

    @Test("answers thousands of pipelined requests in their order", arguments: kinds)
    func pipelining(options: [String]) throws {
        try serve("probe:app", options) { server throws in
            try server.expectUnharmed {
                let connection = try server.client.connect()
                let count = 5000
                let requests = (0..<count).map {
                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \("\($0)".utf8.count)\r\n\r\n\($0)"
                }
                try connection.send(requests.joined())
                connection.finishSending()
                for number in 0..<count {
                    let text = try connection.receive(method: "POST").text
                    guard text == "\(number)" else { throw TestFailure("\(text) instead of \(number)") }
                }
                #expect(connection.isClosedByServer())
            }
        }
    }

    @Test("loses nothing to clients that break off in the middle, by a reset or half-closed", arguments: kinds)
    func brokenOff(options: [String]) throws {
        try serve("bulk:app", options) { server throws in
            try server.expectUnharmed {
                for number in 0..<60 {
                    let connection = try server.client.connect()
                    switch number % 4 {
                    case 0:
                        try connection.send(Self.head)
                    case 1:
                        try connection.sendHead("POST", "/upload", headers: [("Content-Length", "1000000")])
                        try connection.send(String(repeating: "b", count: 100_000))
                    case 2:
                        try connection.sendHead("POST", "/upload", headers: [("Transfer-Encoding", "chunked")])
                        try connection.send("ffff\r\nb")
                    default:
                        try connection.sendHead("GET", "/download?size=100000000&chunked=1")
                        _ = try connection.receiveBytes()
                    }
                    guard number % 8 < 4, number % 4 < 3 else {
                        connection.reset()
                        continue
                    }
                    connection.finishSending()
                    #expect(connection.receiveToEnd().ending != .late, "half-closed: \(number)")
                }
            }
        }
    }
}

@Suite("Ten thousand connections", .serialized, .enabled(if: ResourceLimits.allowDescriptors(11_000)))
struct ManyConnectionTests {
    @Test("that are idle cost a worker less than 60 MiB, and little more in the middle of a head", arguments: kinds)
    func memory(options: [String]) throws {
        let more = ["--worker-connections", "12000", "--keep-alive", "600", "--backlog", "4096"]
        try serve("probe:app", options + more) { server throws in
            try server.expectUnharmed {
                let worker = try server.worker()
                let before = worker.residentSize
                let head = "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: x"
                let connections = try (0..<10_000).map { _ in
                    let connection = try server.client.connect()
                    try connection.send(head + "\r\n\r\n")
                    return connection
                }
                for connection in connections { #expect(try connection.receive().keepsAlive) }
                #expect(worker.descriptorCount > 10_000)
                let idle = worker.residentSize - before
                #expect(idle < 60 << 10, "\(idle) KiB")
                for connection in connections { try connection.send(head) }
                #expect(try server.client.get("/").status == 200)
                for connection in connections { try connection.send("\r\n\r\n") }
                for connection in connections { #expect(try connection.receive().status == 200) }
                let most = worker.residentSize - before
                #expect(most < 90 << 10, "\(most) KiB")
            }
        }
    }
}
