import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `A message socket` {
    @Test func `carries messages whole, one by one, with their descriptors`() throws {
        let directory = try TemporaryDirectory()
        let (ours, theirs) = try MessageSocket.pair()
        defer { theirs.descriptor.close() }
        #expect(try theirs.receive(limit: 16) == nil, "there is none yet")
        let files = try (0..<5).map { number throws in
            try FileDescriptor.open(try directory.write("\(number)", to: "\(number)"), flags: 0)
        }
        try ours.send([1, 2, 3], with: files)
        try ours.send([4])
        for file in files { file.close() }
        ours.descriptor.close()
        let first = try #require(try theirs.receive(limit: 16))
        #expect(first.bytes == [1, 2, 3] && first.descriptors.count == 5)
        for (number, file) in first.descriptors.enumerated() {
            var bytes: [UInt8] = []
            _ = try file.read(upTo: 8, into: &bytes)
            #expect(bytes == Array("\(number)".utf8))
            file.close()
        }
        let second = try #require(try theirs.receive(limit: 16))
        #expect(second.bytes == [4] && second.descriptors.isEmpty && !second.isEnd)
        #expect(try theirs.receive(limit: 16)?.isEnd == true)
    }

    @Test func `refuses what does not fit, and never waits for room`() throws {
        let (ours, theirs) = try MessageSocket.pair()
        defer {
            ours.descriptor.close()
            theirs.descriptor.close()
        }
        #expect(throws: SystemError.self) {
            try ours.send([1], with: Array(repeating: theirs.descriptor, count: 254))
        }
        try ours.send(Array(repeating: 7, count: 17), with: [theirs.descriptor])
        #expect(throws: SystemError.self) { try theirs.receive(limit: 16) }
        #expect(throws: SystemError.self) { while true { try ours.send(Array(repeating: 1, count: 4096)) } }
    }

    @Test func `gives who expects one descriptor the first, and closes the others`() throws {
        let (ours, theirs) = try MessageSocket.pair()
        defer {
            ours.descriptor.close()
            theirs.descriptor.close()
        }
        let (one, other) = try MessageSocket.pair()
        defer { one.descriptor.close() }
        try ours.send([1, 2], with: [one.descriptor, other.descriptor])
        other.descriptor.close()
        var bytes: [UInt8] = []
        let received = try theirs.descriptor.receive(upTo: 16, into: &bytes)
        #expect(bytes == [1, 2] && received.descriptor != nil)
        received.descriptor?.close()
        // Nobody has the other end any more.
        #expect(one.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 20_000))
        let message = try one.receive(limit: 16)
        #expect(message?.isEnd == true)
    }
}
