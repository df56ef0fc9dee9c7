import TalonPlatform
import TalonSettings
import TalonTesting
import Testing

@testable import TalonHooks

/// Facts with something in every field.
private let facts = HookFacts(
    server: .init(
        pid: 4711, name: "app:app", version: "1.0", address: "::1", port: 8000, workers: 3, generation: 2,
        startedAt: 1_700_000_000_000_000_000),
    worker: .init(slot: 1, age: .max, pid: -1, generation: 2))

private let frames: [HookFrame] = [
    .hello(id: "org.example.hello", version: "1.0.0", language: "c"), .hello(id: "", version: "", language: ""),
    .refused(reason: "ü\n\u{0}"),
    .log(level: 1, message: "hello"), .log(level: -1, message: String(repeating: "x", count: 100_000)),
    .request(HostRequest(kind: 8, name: "A", value: "b")), .request(HostRequest(kind: .max, name: "", value: "")),
    .result(status: 0), .result(status: -2), .result(status: .min), .answer(status: 98), .answer(status: -1),
    .call(point: 6, deadline: .max, facts: facts),
    .call(point: 0, deadline: 0, facts: HookFacts(server: facts.server)),
]

/// Two ends of a socket, closed at the end.
private final class Link {
    let ours: FileDescriptor
    private(set) var theirs: FileDescriptor?
    var channel: FrameChannel

    init() throws {
        let ends = try SocketPair.open()
        ours = ends.0
        theirs = ends.1
        channel = FrameChannel(socket: ends.0)
    }

    /// The other side says this.
    func say(_ bytes: [UInt8]) { theirs?.writeAll(bytes) }

    /// The other side goes away.
    func hangUp() {
        theirs?.close()
        theirs = nil
    }

    deinit {
        ours.close()
        hangUp()
    }
}

/// Long enough for a machine under load; nothing that is right waits for it.
private var soon: UInt64 { MonotonicClock.now() + 20 * nanosecondsPerSecond }

@Suite struct `A frame` {
    @Test(arguments: frames.indices) func `arrives as it was sent`(index: Int) throws {
        let frame = frames[index]
        #expect(try HookFrame(decoding: Array(frame.encoded.dropFirst(4))) == frame)
        let link = try Link()
        link.say(frame.encoded)
        #expect(try link.channel.receive(before: soon) == frame)
    }

    @Test(arguments: frames.indices) func `states its length`(index: Int) throws {
        var reader = ByteReader(frames[index].encoded)
        #expect(try Int(reader.number32()) == frames[index].encoded.count - 4)
    }

    @Test(arguments: frames.indices.filter { frames[$0].encoded.count < 1000 })
    func `is refused when cut anywhere`(index: Int) {
        let payload = frames[index].encoded.dropFirst(4)
        for length in 0..<payload.count {
            #expect(throws: ByteReader.Truncated.self, "\(length) bytes") {
                try HookFrame(decoding: Array(payload.prefix(length)))
            }
        }
    }

    @Test(arguments: [0, 8, 9, 255, UInt32.max]) func `of an unknown kind is refused`(kind: UInt32) {
        var writer = ByteWriter()
        writer.put(kind)
        writer.put("text")
        #expect(throws: ByteReader.Truncated.self) { try HookFrame(decoding: writer.bytes) }
    }

    @Test func `of random bytes does no harm`() {
        var random = FixedRandom(seed: 3)
        for round in 0..<20_000 {
            var bytes = random.bytes(Int.random(in: 0...100, using: &random))
            // Every second one gets past the kind.
            if round % 2 == 0, bytes.count >= 4 { bytes.replaceSubrange(0..<4, with: [UInt8(round / 2 % 8), 0, 0, 0]) }
            _ = try? HookFrame(decoding: bytes).encoded
        }
    }
}

@Suite struct `A channel of frames` {
    @Test func `takes frames that arrive together, in order`() throws {
        let link = try Link()
        link.say(frames.filter { $0.encoded.count < 1000 }.flatMap(\.encoded))
        for frame in frames where frame.encoded.count < 1000 {
            #expect(try link.channel.receive(before: soon) == frame)
        }
        #expect(try link.channel.poll() == nil)
    }

    @Test func `takes a frame that arrives byte by byte`() throws {
        let link = try Link()
        let frame = HookFrame.hello(id: "a", version: "b", language: "c")
        for byte in frame.encoded.dropLast() {
            link.say([byte])
            #expect(try link.channel.poll() == nil)
        }
        link.say(frame.encoded.suffix(1))
        #expect(try link.channel.poll() == frame)
    }

    @Test func `takes a frame as large as allowed`() throws {
        let link = try Link()
        let frame = HookFrame.refused(reason: String(repeating: "x", count: HookFrame.limit - 8))
        #expect(frame.encoded.count == HookFrame.limit + 4)
        // More than a socket holds, so somebody must write while we read.
        let theirs = try #require(link.theirs)
        #expect(SystemThread.start { theirs.writeAll(frame.encoded) })
        #expect(try link.channel.receive(before: soon) == frame)
    }

    @Test(arguments: [UInt32(HookFrame.limit) + 1, 1 << 31, .max])
    func `calls a length beyond the limit malformed, without waiting for the rest`(length: UInt32) throws {
        let link = try Link()
        var writer = ByteWriter()
        writer.put(length)
        link.say(writer.bytes)
        #expect(throws: FrameChannel.Failure.malformed) { try link.channel.receive(before: soon) }
        #expect(throws: FrameChannel.Failure.malformed) { try link.channel.poll() }
    }

    @Test(arguments: [[0, 0, 0, 0], [4, 0, 0, 0, 9, 0, 0, 0], [5, 0, 0, 0, 5, 0, 0, 0, 1]] as [[UInt8]])
    func `calls a frame that says nothing malformed`(bytes: [UInt8]) throws {
        let link = try Link()
        link.say(bytes)
        #expect(throws: FrameChannel.Failure.malformed) { try link.channel.receive(before: soon) }
    }

    @Test(arguments: frames.indices.filter { frames[$0].encoded.count < 1000 })
    func `says closed when the other side goes in the middle of a frame`(index: Int) throws {
        let bytes = frames[index].encoded
        for length in 0..<bytes.count {
            let link = try Link()
            link.say(Array(bytes.prefix(length)))
            link.hangUp()
            #expect(throws: FrameChannel.Failure.closed) { try link.channel.receive(before: soon) }
        }
    }

    @Test func `gives out what arrived before the other side went`() throws {
        let link = try Link()
        link.say(HookFrame.result(status: 7).encoded)
        link.hangUp()
        #expect(try link.channel.receive(before: soon) == .result(status: 7))
        #expect(throws: FrameChannel.Failure.closed) { try link.channel.poll() }
    }

    @Test func `says late when the deadline is over`() throws {
        let link = try Link()
        link.say(Array(HookFrame.result(status: 7).encoded.dropLast()))
        #expect(throws: FrameChannel.Failure.late) { try link.channel.receive(before: MonotonicClock.now()) }
        #expect(throws: FrameChannel.Failure.late) {
            try link.channel.receive(before: MonotonicClock.now() + 2_000_000)
        }
    }

    @Test func `says that the other side is gone when it sends`() throws {
        Signal.pipe.ignore()
        let link = try Link()
        #expect(link.channel.send(.result(status: 1), before: soon))
        link.hangUp()
        #expect(!link.channel.send(.result(status: 1), before: soon))
    }

    @Test func `of random bytes does no harm`() throws {
        var random = FixedRandom(seed: 4)
        for _ in 0..<500 {
            let link = try Link()
            var bytes = random.bytes(Int.random(in: 0...200, using: &random))
            if bytes.count >= 4 { bytes.replaceSubrange(1..<4, with: [0, 0, 0]) }
            link.say(bytes)
            link.hangUp()
            while (try? link.channel.receive(before: soon)) != nil {}
        }
    }
}
