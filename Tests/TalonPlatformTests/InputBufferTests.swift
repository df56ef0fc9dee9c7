import TalonTesting
import Testing

@testable import TalonPlatform

extension InputBuffer {
    fileprivate var bytes: [UInt8] { withBytes { span in span.indices.map { span[$0] } } }

    fileprivate func append(_ bytes: [UInt8]) { append(bytes.span) }
}

@Suite struct `An input buffer` {
    private let ends: (ours: FileDescriptor, theirs: FileDescriptor)
    private let buffer = InputBuffer()

    init() throws {
        let ends = try SocketPair.open()
        self.ends = (ends.0, ends.1)
        try ends.0.setNonBlocking()
    }

    private func finish() {
        ends.ours.close()
        ends.theirs.close()
    }

    private static func pattern(_ count: Int, from start: Int = 0) -> [UInt8] {
        (start..<(start + count)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    @Test func `is empty at first`() {
        defer { finish() }
        #expect(buffer.count == 0 && buffer.address == nil && buffer.bytes.isEmpty)
        buffer.consume(0)
        buffer.releaseIfEmpty()
    }

    @Test func `takes what is there, and says so`() {
        defer { finish() }
        #expect(buffer.receive(from: ends.ours, limit: 1000) == .wouldBlock)
        ends.theirs.writeAll(Self.pattern(100))
        #expect(buffer.receive(from: ends.ours, limit: 1000) == .received(100))
        ends.theirs.writeAll(Self.pattern(50, from: 100))
        #expect(buffer.receive(from: ends.ours, limit: 1000) == .received(50))
        #expect(buffer.bytes == Self.pattern(150))
        ends.theirs.shutdownSending()
        #expect(buffer.receive(from: ends.ours, limit: 1000) == .ended)
        #expect(buffer.bytes == Self.pattern(150))
    }

    @Test func `says that a connection is broken`() {
        defer { finish() }
        #expect(buffer.receive(from: FileDescriptor(rawValue: -1), limit: 1000) == .failed)
    }

    @Test(arguments: [8192, 16384, 20_000, 65536]) func `grows up to its limit and no further`(limit: Int) {
        defer { finish() }
        let sent = Self.pattern(100_000)
        ends.theirs.writeAll(sent)
        while case .received = buffer.receive(from: ends.ours, limit: limit) {}
        #expect(buffer.count == limit)
        #expect(buffer.bytes == Array(sent.prefix(limit)))
        // As soon as there is room, more is taken.
        buffer.consume(1000)
        #expect(buffer.receive(from: ends.ours, limit: limit) == .received(1000))
        #expect(buffer.bytes == Array(sent[1000..<(limit + 1000)]))
    }

    @Test func `gives up bytes from the front`() {
        defer { finish() }
        buffer.append(Self.pattern(10))
        buffer.consume(3)
        #expect(buffer.bytes == Array(Self.pattern(10).dropFirst(3)))
        buffer.consume(7)
        #expect(buffer.count == 0)
        buffer.append([1])
        #expect(buffer.bytes == [1])
    }

    @Test func `keeps its address while bytes are only consumed`() throws {
        defer { finish() }
        buffer.append(Self.pattern(100))
        let address = try #require(buffer.address)
        buffer.consume(40)
        #expect(buffer.address == address + 40)
        #expect(address[99] == Self.pattern(100)[99])
    }

    @Test func `uses the room in front again instead of growing`() throws {
        defer { finish() }
        // One byte always stays, so that the buffer is never simply emptied.
        buffer.append([0])
        for _ in 0..<100 {
            ends.theirs.writeAll(Self.pattern(8000))
            var received = 0
            while received < 8000 {
                guard case .received(let count) = buffer.receive(from: ends.ours, limit: 8192) else {
                    throw TestFailure("nothing came")
                }
                received += count
            }
            buffer.consume(8000)
        }
        #expect(buffer.count == 1)
    }

    @Test func `takes more than it has room for when that is appended`() {
        defer { finish() }
        buffer.append(Self.pattern(10))
        buffer.consume(5)
        buffer.append(Self.pattern(100_000, from: 10))
        #expect(buffer.bytes == Self.pattern(100_005, from: 5))
        buffer.append([])
        #expect(buffer.count == 100_005)
    }

    @Test func `gives its memory back only when it is empty`() {
        defer { finish() }
        buffer.append([1])
        buffer.releaseIfEmpty()
        #expect(buffer.bytes == [1])
        buffer.consume(1)
        buffer.releaseIfEmpty()
        #expect(buffer.address == nil)
        buffer.append([2])
        #expect(buffer.bytes == [2])
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func `holds what a simple array would hold`(seed: UInt64) {
        defer { finish() }
        var random = FixedRandom(seed: seed)
        var model: [UInt8] = []
        var sent: [UInt8] = []
        let limit = Int.random(in: 8192...40_000, using: &random)
        for _ in 0..<500 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where sent.count < 50_000:
                let bytes = random.bytes(Int.random(in: 0...9000, using: &random))
                ends.theirs.writeAll(bytes)
                sent += bytes
            case 1:
                if case .received(let count) = buffer.receive(from: ends.ours, limit: limit) {
                    model += sent.prefix(count)
                    sent.removeFirst(count)
                }
            case 2:
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            default:
                buffer.releaseIfEmpty()
            }
            #expect(buffer.count == model.count && buffer.count <= limit)
        }
        #expect(buffer.bytes == model)
    }
}
