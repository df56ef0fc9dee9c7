import TalonSettings
import Testing

@Suite struct `A message between a seed and the master` {
    @Test(
        arguments: [
            .fork(age: .max), .reopenLogs, .loaded, .forked(age: 7), .failed(age: 1 << 40, errno: -11),
        ] as [SeedMessage])
    func `arrives as it was sent`(message: SeedMessage) {
        #expect(message.encoded.count == SeedMessage.size)
        #expect(SeedMessage(decoding: message.encoded) == message)
    }

    @Test(
        arguments: [
            [], [1], SeedMessage.loaded.encoded.dropLast(), SeedMessage.loaded.encoded + [0],
            Array(repeating: 0, count: 16), Array(repeating: 255, count: 16),
        ] as [[UInt8]])
    func `that is none is not taken for one`(bytes: [UInt8]) {
        #expect(SeedMessage(decoding: bytes) == nil)
    }
}
