import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `Shared memory` {
    @Test func `begins as zeros, and is the same for all who attach`() throws {
        let region = try SharedRegion.create(name: "test", byteCount: 10_000)
        defer { region.descriptor.close() }
        let bytes = UnsafeRawBufferPointer(start: region.base, count: region.byteCount)
        #expect(region.byteCount == 10_000 && bytes.allSatisfy { $0 == 0 })
        let other = try SharedRegion.attach(region.descriptor)
        #expect(other.byteCount == 10_000 && other.base != region.base)
        region.base.storeBytes(of: 7, toByteOffset: 9_992, as: UInt64.self)
        #expect(other.base.load(fromByteOffset: 9_992, as: UInt64.self) == 7)
    }

    @Test func `is refused where there is none`() throws {
        #expect(throws: SystemError.self) { try SharedRegion.attach(FileDescriptor(rawValue: -1)) }
        let (ours, theirs) = try SocketPair.open()
        defer {
            ours.close()
            theirs.close()
        }
        #expect(throws: SystemError.self) { try SharedRegion.attach(ours) }
        #expect(throws: SystemError.self) { try SharedRegion.create(name: "test", byteCount: 0) }
    }
}

@Suite struct `A sealed file` {
    private static let contents = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }

    @Test func `is read from its beginning, as often as one likes`() throws {
        let file = try SealedFile.create(name: "test", contents: Self.contents)
        defer { file.close() }
        #expect(try SealedFile.read(file) == Self.contents)
        #expect(try SealedFile.read(file) == Self.contents)
    }

    @Test func `of nothing is nothing`() throws {
        let file = try SealedFile.create(name: "test", contents: [])
        defer { file.close() }
        #expect(try SealedFile.read(file).isEmpty)
    }

    @Test func `is never changed`() throws {
        let file = try SealedFile.create(name: "test", contents: [1, 2, 3])
        defer { file.close() }
        #expect(!file.writeAll([9]))
        #expect(pwrite(file.rawValue, [9], 1, 0) == -1 && lastErrno == EPERM)
        #expect(ftruncate(file.rawValue, 0) == -1 && lastErrno == EPERM)
        #expect(ftruncate(file.rawValue, 100) == -1 && lastErrno == EPERM)
        #expect(mmap(nil, 3, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0) == MAP_FAILED)
        // Nor by who opens it anew.
        let again = try FileDescriptor.open("/proc/self/fd/\(file.rawValue)", flags: O_RDWR)
        defer { again.close() }
        #expect(!again.writeAll([9]))
        #expect(try SealedFile.read(file) == [1, 2, 3])
    }

    @Test func `is no pipe`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer {
            ours.close()
            theirs.close()
        }
        let error = try #require(throws: SystemError.self) { try SealedFile.read(ours) }
        #expect(error.call == "lseek" && error.errno == ESPIPE)
    }
}

@Suite struct `The scoreboard` {
    @Test func `has a free record for each slot`() throws {
        let scoreboard = try Scoreboard.create(slotCount: 64, laneCount: 5)
        defer { scoreboard.descriptor.close() }
        #expect(scoreboard.slotCount == 64 && scoreboard.slots.count == 64 && scoreboard.laneCount == 5)
        #expect(scoreboard.slots.allSatisfy { $0.state == .free && $0.pid == 0 && $0.age == 0 })
        #expect(scoreboard.slots.allSatisfy { $0.lanes.count == 5 && $0.lanes.allSatisfy { $0.ledger == 0 } })
    }

    @Test func `shows what a worker writes to all who attach, in its own slot alone`() throws {
        let scoreboard = try Scoreboard.create(slotCount: 3, laneCount: 2)
        defer { scoreboard.descriptor.close() }
        let slot = scoreboard[1]
        slot.claim(age: 7, generation: 2)
        slot.pid = -5
        slot[lane: 1].ledger = 1 << 32 | 6
        slot[lane: 1].ledgerSince = .max
        slot.state = .ready
        let seen = try Scoreboard.attach(scoreboard.descriptor)
        #expect(seen.slotCount == 3 && seen.laneCount == 2)
        #expect(seen[1].age == 7 && seen[1].generation == 2 && seen[1].pid == -5 && seen[1].state == .ready)
        #expect(seen[1][lane: 1].ledger == 1 << 32 | 6 && seen[1][lane: 1].ledgerSince == .max)
        #expect(seen[1][lane: 0].ledger == 0 && seen[1][lane: 0].ledgerSince == 0)
        #expect([0, 2].allSatisfy { seen[$0].state == .free && seen[$0].age == 0 })
        #expect([0, 2].allSatisfy { seen[$0].lanes.allSatisfy { $0.ledger == 0 && $0.ledgerSince == 0 } })
    }

    @Test(arguments: [(1, [0]), (2, [0]), (3, [1, 2]), (5, [1, 2, 3, 4])])
    func `knows the lanes of the threads that run the application`(lanes: Int, expected: [Int]) throws {
        let scoreboard = try Scoreboard.create(slotCount: 2, laneCount: lanes)
        defer { scoreboard.descriptor.close() }
        let slot = scoreboard[1]
        for lane in slot.applicationLanes { lane.requestSince = 9 }
        #expect((0..<lanes).filter { slot[lane: $0].requestSince == 9 } == expected)
        #expect(scoreboard[0].lanes.allSatisfy { $0.requestSince == 0 })
    }

    @Test func `forgets the worker before when a slot is claimed`() throws {
        let scoreboard = try Scoreboard.create(slotCount: 1, laneCount: 3)
        defer { scoreboard.descriptor.close() }
        let slot = scoreboard[0]
        slot.claim(age: 1, generation: 1)
        (slot.pid, slot.heartbeat) = (99, 1)
        for lane in slot.lanes { (lane.ledger, lane.requestSince) = (5, 6) }
        (slot.connections, slot.lent) = (7, 8)
        slot.leave(.quit)
        slot.leave(.plugin)
        #expect(slot.farewell == .quit, "the first reason is the reason")
        slot.endedCPUTime = 7
        slot.release()
        #expect(slot.state == .free && slot.pid == 0 && slot.farewell == .quit)
        let before = MonotonicClock.now()
        slot.claim(age: 2, generation: 1)
        #expect(slot.state == .booting && slot.pid == 0 && slot.age == 2)
        #expect(slot.lanes.allSatisfy { $0.ledger == 0 && $0.requestSince == 0 })
        #expect(slot.connections == 0 && slot.lent == 0)
        #expect(slot.farewell == .none && slot.endedCPUTime == 7)
        #expect((before...MonotonicClock.now()).contains(slot.heartbeat))
        #expect(slot.startedAt > 1_600_000_000 * nanosecondsPerSecond)
    }

    @Test(arguments: [.free, .booting, .ready, .quitting, .aborting] as [WorkerState])
    func `keeps a state`(state: WorkerState) throws {
        let scoreboard = try Scoreboard.create(slotCount: 1)
        defer { scoreboard.descriptor.close() }
        scoreboard[0].state = state
        #expect(scoreboard[0].state == state)
    }

    @Test func `calls a state that it does not know free`() throws {
        let scoreboard = try Scoreboard.create(slotCount: 1)
        defer { scoreboard.descriptor.close() }
        let memory = try SharedRegion.attach(scoreboard.descriptor).base
        memory.storeBytes(of: 77, toByteOffset: Scoreboard.headerSize, as: UInt64.self)
        #expect(scoreboard[0].state == .free)
    }
}
