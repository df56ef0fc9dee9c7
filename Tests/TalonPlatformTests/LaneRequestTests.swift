import Glibc
import Synchronization
import TalonTesting
import Testing

@testable import TalonPlatform

/// Set once, by any thread.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}

@Suite struct `The request of a lane` {
    private func lane() throws -> ScoreboardLane { try Scoreboard.create(slotCount: 1)[0][lane: 0] }

    private func begin(_ lane: ScoreboardLane, _ method: String, _ path: [UInt8], at time: UInt64 = 7) {
        lane.begin(method: Array(method.utf8).span, path: path.span, versionMinor: 1, at: time)
    }

    @Test func `is there from its begin to its end`() throws {
        let lane = try lane()
        #expect(lane.request == nil)
        begin(lane, "GET", Array("/a".utf8))
        #expect(lane.request == LaneRequest(method: "GET", path: "/a", since: 7))
        lane.phase = .sending
        lane.activeSince = 9
        #expect(lane.request == LaneRequest(method: "GET", path: "/a", phase: .sending, since: 7, activeSince: 9))
        lane.end()
        #expect(lane.request == nil)
        // What the one before has left does not show.
        begin(lane, "POST", Array("/".utf8), at: 11)
        #expect(lane.request == LaneRequest(method: "POST", path: "/", since: 11))
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 127, 128]) func `keeps a path up to the limit`(count: Int) throws {
        let lane = try lane()
        begin(lane, "GET", Array(repeating: 0x78, count: 128))
        let path = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        begin(lane, "OPTIONS", path)
        #expect(lane.request?.path == String(decoding: path, as: UTF8.self))
        #expect(lane.request?.method == "OPTIONS")
    }

    @Test func `shows that a text was cut`() throws {
        let lane = try lane()
        begin(lane, "VERSION-CONTROL", Array(repeating: 0x78, count: 129))
        #expect(lane.request?.path == String(repeating: "x", count: 128) + "…")
        #expect(lane.request?.method == "VERSION-")
        begin(lane, "GET", Array(repeating: 0x78, count: 70_000))
        #expect(lane.request?.path == String(repeating: "x", count: 128) + "…")
    }

    @Test func `is text whatever the bytes`() throws {
        let lane = try lane()
        begin(lane, "GET", [0x2F, 0xFF, 0x0A, 0x00])
        #expect(lane.request?.line == "GET /\u{FFFD}\\x0a\\x00")
        // A worker can write anything there.
        for word in 0..<24 { lane.store(.max, word) }
        #expect(lane.request?.path.unicodeScalars.count == 129)
    }

    @Test func `is never half of one and half of another`() throws {
        let lane = try lane()
        let isOver = Flag()
        let hasEnded = Flag()
        let isStarted = SystemThread.start {
            var turn: UInt64 = 0
            while !isOver.isSet {
                turn += 1
                let byte = UInt8(ascii: "a") + UInt8(turn % 26)
                let path = [UInt8](repeating: byte, count: Int(turn % 128) + 1)
                lane.begin(method: [byte, byte, byte].span, path: path.span, versionMinor: 1, at: turn)
                // No two requests of a thread come closer than that.
                let next = MonotonicClock.now() + 20_000
                while MonotonicClock.now() < next {}
            }
            hasEnded.set()
        }
        try #require(isStarted)
        var seen: Set<UInt64> = []
        while seen.count < 200 {
            guard let request = lane.request else { continue }
            seen.insert(request.since)
            let byte = UnicodeScalar(UInt8(ascii: "a") + UInt8(request.since % 26))
            #expect(request.path == String(repeating: Character(byte), count: Int(request.since % 128) + 1))
            #expect(request.method == String(repeating: Character(byte), count: 3))
        }
        isOver.set()
        try eventually("the writer ends") { hasEnded.isSet }
    }

    @Test func `of a worker that was killed while it wrote is read all the same, and cleared for the next`() throws {
        let scoreboard = try Scoreboard.create(slotCount: 1)
        let lane = scoreboard[0][lane: 0]
        begin(lane, "GET", Array("/a".utf8))
        lane.store(lane.load(ScoreboardLane.Word.sequence) + 1, ScoreboardLane.Word.sequence)
        #expect(lane.request?.path == "/a")
        scoreboard[0].claim(age: 2, generation: 1)
        #expect(lane.request == nil)
        begin(lane, "GET", Array("/b".utf8))
        #expect(lane.request?.path == "/b")
    }
}
