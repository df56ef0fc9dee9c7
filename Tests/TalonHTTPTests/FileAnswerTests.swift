import Glibc
import TalonPlatform
import Testing

@testable import TalonHTTP

/// A file without a name.
private final class Scratch {
    let file: FileDescriptor

    init(_ bytes: [UInt8]) throws {
        var path = Array("/tmp/talon-XXXXXX".utf8CString)
        file = FileDescriptor(rawValue: mkstemp(&path))
        unlink(path)
        try #require(file.rawValue >= 0 && file.writeAll(bytes))
    }

    deinit { file.close() }
}

@Suite struct `A file as the body of an answer` {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private let bytes = (0..<100_000).map { UInt8(ascii: "a") + UInt8($0 % 26) }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func state(_ length: Int?, on conversation: Conversation) {
        let nothing: [UInt8] = []
        var taken = [conversation.exchange.respond(status: 200, reason: nothing.span)]
        if let length {
            let (name, value) = (Array("Content-Length".utf8), Array("\(length)".utf8))
            taken.append(conversation.exchange.addField(name: name.span, value: value.span))
        }
        #expect(!taken.contains(false))
    }

    private func write(_ text: String, on conversation: Conversation) -> Bool {
        conversation.exchange.write(Array(text.utf8).span)
    }

    @Test(arguments: [(0, 100_000), (7, 90_000), (99_990, 10), (99_999, 0)])
    func `has the length that was declared, and leaves the connection for more`(offset: Int, count: Int) throws {
        let scratch = try Scratch(bytes)
        let conversation = try Conversation(get)
        state(count, on: conversation)
        #expect(conversation.exchange.send(file: scratch.file, at: Int64(offset), count: 100_000) == .sent)
        let (ending, lines) = try conversation.end()
        #expect(ending == .keep)
        #expect(lines.last == text(offset..<offset + count))
        #expect(conversation.exchange.bytesSent == Int64(count))
        #expect(conversation.exchange.outcome == .answered)
    }

    @Test(arguments: [(50_000, "C350"), (5, "5")])
    func `is a chunk without a length, before and after others (RFC 9112 §7.1)`(count: Int, size: String) throws {
        let scratch = try Scratch(bytes)
        let conversation = try Conversation(get)
        state(nil, on: conversation)
        #expect(write("one", on: conversation))
        #expect(conversation.exchange.send(file: scratch.file, at: 1, count: Int64(count)) == .sent)
        #expect(write("two", on: conversation))
        let (ending, lines) = try conversation.end()
        #expect(ending == .keep)
        #expect(
            lines.suffix(9).map { $0.uppercased() }
                == ["3", "ONE", size, text(1..<1 + count).uppercased(), "3", "TWO", "0", "", ""])
        #expect(conversation.exchange.bytesSent == Int64(count + 6))
    }

    @Test(arguments: [0, 95_000], [true, false])
    func `that has fewer bytes ends the connection, and nothing can follow`(offset: Int, declares: Bool) throws {
        let scratch = try Scratch(bytes)
        let conversation = try Conversation(get)
        state(declares ? 200_000 : nil, on: conversation)
        #expect(conversation.exchange.send(file: scratch.file, at: Int64(offset), count: 150_000) == .sent)
        #expect(!write("more", on: conversation))
        let (ending, lines) = try conversation.end()
        #expect(ending == .close)
        #expect(lines.last == text(offset..<100_000))
        #expect(conversation.exchange.bytesSent == Int64(100_000 - offset))
    }

    @Test(arguments: [100_000, 10]) func `that cannot be read ends the connection`(count: Int64) throws {
        let conversation = try Conversation(get)
        state(Int(count), on: conversation)
        #expect(conversation.exchange.send(file: FileDescriptor(rawValue: 1 << 20), at: 0, count: count) == .unreadable)
        #expect(try conversation.end(succeeded: false).ending == .close)
        #expect(conversation.exchange.bytesSent == 0)
    }

    @Test func `is not sent in answer to HEAD`() throws {
        let scratch = try Scratch(bytes)
        let conversation = try Conversation("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        state(100_000, on: conversation)
        #expect(conversation.exchange.send(file: scratch.file, at: 0, count: 100_000) == .sent)
        let (ending, lines) = try conversation.end()
        #expect(ending == .keep)
        #expect(lines.suffix(3) == ["Content-Length: 100000", "", ""])
        #expect(conversation.exchange.bytesSent == 0)
    }

    @Test func `needs a head`() throws {
        let scratch = try Scratch(bytes)
        let conversation = try Conversation(get)
        #expect(conversation.exchange.send(file: scratch.file, at: 0, count: 5) == .clientGone)
        #expect(try conversation.end(succeeded: false).lines.first == "HTTP/1.1 500 Internal Server Error")
    }

    @Test func `leaves the position of the file where it is`() throws {
        let scratch = try Scratch(bytes)
        #expect(lseek(scratch.file.rawValue, 3, SEEK_SET) == 3)
        for count in [10, 90_000] {
            let conversation = try Conversation(get)
            state(count, on: conversation)
            #expect(conversation.exchange.send(file: scratch.file, at: 5, count: Int64(count)) == .sent)
            #expect(try conversation.end().lines.last == text(5..<5 + count))
        }
        #expect(lseek(scratch.file.rawValue, 0, SEEK_CUR) == 3)
    }
}
