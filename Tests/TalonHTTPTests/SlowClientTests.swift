import Glibc
import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHTTP

/// A server of one large page, on a thread of its own. It lives as long as the process of the tests.
private final class PageServer: HTTPServerDelegate, Sendable {
    /// More than the buffers of two sockets hold.
    static let page = [UInt8]((0..<(24 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 10) })

    let endpoint: Endpoint
    private let connections = Atomic(0)
    private let shared = Mutex<Shared?>(nil)

    private struct Shared: @unchecked Sendable {
        // Unchecked: the server's own thread alone calls it.
        let server: HTTPServer
        let exchange: Exchange?

        func run() {
            if let exchange { server.runApplicationThread(exchange) } else { server.run() }
        }
    }

    init(_ change: (inout HTTPServerConfiguration) -> Void) throws {
        let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0))
        endpoint = .tcp("127.0.0.1", listener.address.parts.port)
        var configuration = HTTPServerConfiguration()
        configuration.sendTime = 60 * nanosecondsPerSecond
        configuration.unsentLimit = 4 << 30
        change(&configuration)
        let server = try HTTPServer(listeners: [listener], configuration: configuration, delegate: self)
        let loop = Shared(server: server, exchange: nil)
        shared.withLock { $0 = loop }
        guard SystemThread.start({ withExtendedLifetime(self) { loop.run() } }) else { throw TestFailure("no thread") }
        guard configuration.threads > 1 else { return }
        for number in 1...configuration.threads {
            let thread = Shared(server: server, exchange: server.makeExchange(thread: number))
            guard SystemThread.start({ thread.run() }) else { throw TestFailure("no thread") }
        }
    }

    /// Open connections, as the loop saw them last.
    var connectionCount: Int { connections.load(ordering: .relaxed) }

    func handle(_ exchange: Exchange) -> Bool {
        exchange.answer(status: 200, contentType: Array("text/plain".utf8).span, body: PageServer.page.span)
    }

    func finished(_ exchange: Exchange) {}
    func rejected(_ rejection: Rejection, from peer: Peer) {}
    func readable(_ descriptor: FileDescriptor) {}
    func exhausted(errno: Int32) {}

    func turned(now: UInt64) {
        let count = shared.withLock { $0?.server.connectionCount ?? 0 }
        connections.store(count, ordering: .relaxed)
    }
}

/// Servers that leave what a client does not take at once to the loop.
@Suite(.serialized) struct `A client that takes its response slowly` {
    @Test(arguments: [1, 4])
    func `holds up nobody else`(threads: Int) throws {
        let server = try PageServer { $0.threads = threads }
        let stuck = try (0..<12).map { _ in
            let connection = try HTTPConnection(server.endpoint)
            try connection.sendHead("GET", "/")
            return connection
        }
        let response = try HTTPClient(server.endpoint, within: .seconds(60)).get("/")
        #expect(response.body == PageServer.page)
        withExtendedLifetime(stuck) {}
    }

    @Test(arguments: [1, 4])
    func `gets all of it, and may ask again`(threads: Int) throws {
        let server = try PageServer { $0.threads = threads }
        let connection = try HTTPConnection(server.endpoint, within: .seconds(60))
        // Two requests at once: the second waits in the input while the first is answered.
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        // The buffers fill up before the first byte is read.
        try eventually("the server waits for the client") { server.connectionCount == 1 }
        for _ in 0..<2 {
            let response = try connection.receive()
            #expect(response.status == 200 && response.body == PageServer.page)
        }
        #expect(try connection.get("/").body == PageServer.page)
    }

    @Test(arguments: [1, 4])
    func `is cut when its time is over`(threads: Int) throws {
        let server = try PageServer {
            $0.threads = threads
            $0.sendTime = nanosecondsPerSecond / 5
        }
        let connection = try HTTPConnection(server.endpoint, within: .seconds(60))
        try connection.sendHead("GET", "/")
        try eventually("the server has the connection") { server.connectionCount == 1 }
        try eventually("the server ends the connection") { server.connectionCount == 0 }
        #expect(throws: HTTPFailure.self) { try connection.receive() }
    }

    @Test func `is sent a response that is larger than the limit, as long as it is not one of many`() throws {
        let server = try PageServer { $0.unsentLimit = PageServer.page.count / 4 }
        let waiting = try (0..<2).map { _ in
            let connection = try HTTPConnection(server.endpoint, within: .seconds(60))
            try connection.sendHead("GET", "/")
            return connection
        }
        try eventually("the server has both") { server.connectionCount == 2 }
        for connection in waiting { #expect(try connection.receive().body == PageServer.page) }
    }

    @Test func `gives way when too much waits for clients`() throws {
        let server = try PageServer { $0.unsentLimit = PageServer.page.count * 5 / 2 }
        let stuck = try (0..<6).map { _ in
            let connection = try HTTPConnection(server.endpoint)
            try connection.sendHead("GET", "/")
            return connection
        }
        try eventually("only what fits into the limit waits") { (1...2).contains(server.connectionCount) }
        #expect(try HTTPClient(server.endpoint, within: .seconds(60)).get("/").body == PageServer.page)
        withExtendedLifetime(stuck) {}
    }
}

@Suite(.serialized) struct `A client that sends its request slowly` {
    @Test(arguments: [1, 4], ["GET / HTTP/1.1\r\nX: ", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"])
    func `has no more time because it sends a byte now and then (RFC 9110 §15.5.9)`(
        threads: Int, beginning: String
    ) throws {
        let server = try PageServer {
            $0.threads = threads
            $0.headTime = nanosecondsPerSecond / 5
        }
        let connection = try HTTPConnection(server.endpoint)
        try connection.send(beginning)
        let answer = try eventually("the server's last word") {
            try? connection.send("v")
            return try connection.receiveBytes(within: .milliseconds(10))
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }
}

@Suite(.serialized) struct `A server that makes room` {
    @Test(arguments: [1, 4])
    func `ends the connection whose time ends first, not the newest`(threads: Int) throws {
        let server = try PageServer {
            $0.threads = threads
            $0.connectionLimit = 5
            $0.makesRoom = true
        }
        let silent = try (0..<20).map { _ in try HTTPConnection(server.endpoint) }
        let response = try HTTPClient(server.endpoint, within: .seconds(60)).get("/")
        #expect(response.body == PageServer.page)
        #expect(silent[0].isClosedByServer(within: .seconds(20)))
        try eventually("no more are open than may be") { server.connectionCount <= 5 }
    }
}
