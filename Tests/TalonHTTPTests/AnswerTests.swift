import TalonPlatform
import Testing

@testable import TalonHTTP

/// One request on a socket pair, and what its exchange sends.
final class Conversation {
    let exchange: Exchange
    private let client: FileDescriptor
    private let server: FileDescriptor

    init(_ head: String) throws {
        (client, server) = try SocketPair.open()
        let name = try #require(SocketName.local(of: server))
        let connection = Connection(socket: server, peer: Peer(name), listenerIndex: 0)
        connection.input.append(Array(head.utf8).span)
        let limits = HTTPLimits()
        let outcome = connection.input.withBytes {
            connection.parser.parse($0, limits: limits, into: &connection.head)
        }
        try #require(outcome == .complete)
        exchange = Exchange(limits: limits, patience: 1000)
        exchange.begin(connection, mayKeep: true, at: 0)
    }

    func add(_ name: String, _ value: String) -> Bool {
        exchange.addToResponse(name: Array(name.utf8).span, value: Array(value.utf8).span)
    }

    func answer(_ status: Int, _ contentType: String, _ body: String) -> Bool {
        exchange.answer(status: status, contentType: Array(contentType.utf8).span, body: Array(body.utf8).span)
    }

    /// Answers as an application would, with one field and a body.
    func runApplication() {
        let nothing: [UInt8] = []
        // Outside the macro, which takes no spans.
        let taken = [
            exchange.respond(status: 200, reason: nothing.span),
            exchange.addField(name: Array("X-App".utf8).span, value: Array("1".utf8).span),
            exchange.write(Array("hello".utf8).span),
        ]
        #expect(taken == [true, true, true])
    }

    /// Ends the exchange. How the connection goes on, and the lines that were sent, without those about date and server.
    func end(succeeded: Bool = true) throws -> (ending: Exchange.Ending, lines: [String]) {
        let ending = exchange.end(succeeded: succeeded)
        server.close()
        var bytes: [UInt8] = []
        while try client.read(upTo: 65536, into: &bytes) > 0 {}
        client.close()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        return (ending, lines.map(String.init).filter { !$0.hasPrefix("Date:") && !$0.hasPrefix("Server:") })
    }
}

@Suite struct `An answer in the application's place` {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `has a length, and keeps the connection`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.answer(429, "text/plain", "slow down"))
        let (ending, lines) = try conversation.end()
        #expect(ending == .keep)
        #expect(
            lines == [
                "HTTP/1.1 429 Too Many Requests", "Content-Type: text/plain", "Connection: keep-alive",
                "Content-Length: 9", "", "slow down",
            ])
        #expect(conversation.exchange.status == 429)
        #expect(conversation.exchange.bytesSent == 9)
    }

    @Test func `is sent whole when it is large`() throws {
        let conversation = try Conversation(get)
        let body = String(repeating: "x", count: 100_000)
        #expect(conversation.answer(200, "", body))
        #expect(try conversation.end().lines.suffix(3) == ["Content-Length: 100000", "", body])
    }

    @Test(arguments: [204, 304]) func `has no body where there is none`(status: Int) throws {
        let conversation = try Conversation(get)
        #expect(conversation.answer(status, "", "not to be sent"))
        #expect(try conversation.end().lines.suffix(2) == ["", ""])
    }

    @Test func `has no body for HEAD`() throws {
        let conversation = try Conversation("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(conversation.answer(403, "text/plain", "no"))
        #expect(try conversation.end().lines.suffix(2) == ["", ""])
    }

    @Test func `leaves a body that has not come to nobody`() throws {
        let conversation = try Conversation("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        #expect(conversation.answer(413, "", ""))
        let (ending, lines) = try conversation.end()
        #expect(ending == .linger)
        #expect(lines.contains("Connection: close"))
    }

    @Test func `is refused if its type would begin another field`() throws {
        let conversation = try Conversation(get)
        #expect(!conversation.answer(200, "text/plain\r\nX-Forged: 1", ""))
        let (_, lines) = try conversation.end(succeeded: false)
        #expect(lines.first == "HTTP/1.1 500 Internal Server Error")
        #expect(!lines.contains { $0.hasPrefix("X-Forged") })
    }

    @Test func `may be a page of the server's`() throws {
        let conversation = try Conversation(get)
        conversation.exchange.refuse(status: 403)
        let (ending, lines) = try conversation.end()
        #expect(ending == .linger)
        #expect(lines.first == "HTTP/1.1 403 Forbidden")
        #expect(lines.contains("Connection: close"))
        #expect(conversation.exchange.status == 403)
    }

    @Test func `is not possible once something was sent`() throws {
        let conversation = try Conversation(get)
        conversation.runApplication()
        #expect(conversation.exchange.flush())
        #expect(!conversation.answer(403, "", "no"))
        conversation.exchange.refuse(status: 403)
        #expect(!conversation.add("X-Late", "1"))
        let (_, lines) = try conversation.end()
        #expect(lines.filter { $0.hasPrefix("HTTP/1.1") } == ["HTTP/1.1 200 OK"])
    }
}

@Suite struct `A field that is added to a response` {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `follows those of the application`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.add("X-Trace", "abc"))
        #expect(conversation.add("x-more", "  spaced  "))
        conversation.runApplication()
        let lines = try conversation.end().lines
        #expect(
            lines == [
                "HTTP/1.1 200 OK", "X-App: 1", "X-Trace: abc", "x-more: spaced", "Connection: keep-alive",
                "Content-Length: 5", "", "hello",
            ])
    }

    @Test func `is there when the application states its head anew`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.add("X-Trace", "abc"))
        conversation.runApplication()
        conversation.runApplication()
        #expect(try conversation.end().lines.count { $0 == "X-Trace: abc" } == 1)
    }

    @Test func `is in an answer in the application's place`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.add("Retry-After", "5"))
        #expect(conversation.answer(429, "", ""))
        #expect(try conversation.end().lines.contains("Retry-After: 5"))
    }

    @Test func `is not on the server's own pages`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.add("X-Trace", "abc"))
        let lines = try conversation.end(succeeded: false).lines
        #expect(lines.first == "HTTP/1.1 500 Internal Server Error")
        #expect(!lines.contains("X-Trace: abc"))
    }

    @Test(
        arguments: [
            ("X-A", "1\r\nX-B: 2"), ("X-A", "1\n2"), ("X-A", "1\0"), ("X A", "1"), ("X-A:", "1"), ("", "1"),
            ("Connection", "close"), ("keep-alive", "1"), ("TRANSFER-ENCODING", "chunked"), ("Upgrade", "h2c"),
            ("Trailer", "x"), ("Date", "now"), ("Server", "x"), ("Content-Length", "5"), ("content-length", "x"),
        ])
    func `is refused if it is invalid or the server's`(name: String, value: String) throws {
        let conversation = try Conversation(get)
        #expect(!conversation.add(name, value))
        conversation.runApplication()
        let lines = try conversation.end().lines
        #expect(
            lines == ["HTTP/1.1 200 OK", "X-App: 1", "Connection: keep-alive", "Content-Length: 5", "", "hello"])
    }

    @Test func `is one of sixteen at most, and not of the next response`() throws {
        let conversation = try Conversation(get)
        for number in 1...16 { #expect(conversation.add("X-\(number)", "1")) }
        #expect(!conversation.add("X-17", "1"))
        let connection = try #require(conversation.exchange.connection)
        conversation.exchange.begin(connection, mayKeep: true, at: 0)
        #expect(conversation.add("X-18", "1"))
        conversation.runApplication()
        #expect(try conversation.end().lines.filter { $0.hasPrefix("X-") } == ["X-App: 1", "X-18: 1"])
    }

    @Test func `is refused when all of them are too large`() throws {
        let conversation = try Conversation(get)
        #expect(conversation.add("X-A", String(repeating: "x", count: 10_000)))
        #expect(!conversation.add("X-B", String(repeating: "x", count: 10_000)))
        #expect(conversation.add("X-C", "1"))
    }
}
