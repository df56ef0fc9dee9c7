import CTalonPlatform
import Glibc
import TalonTesting
import Testing

@testable import TalonPlatform

@Suite struct `A file descriptor` {
    @Test func `gives out a file up to a limit`() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = try directory.write(bytes, to: "file")
        #expect(try FileDescriptor.contents(of: path) == bytes)
        #expect(try FileDescriptor.contents(of: path, limit: 70_000) == Array(bytes.prefix(70_000)))
        #expect(try FileDescriptor.contents(of: path, limit: 0).isEmpty)
        #expect(throws: SystemError.self) { try FileDescriptor.contents(of: directory.path) }
    }

    @Test func `writes all, however little the other side takes at once`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        try ours.setNonBlocking()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(
            SystemThread.start {
                ours.writeAll(bytes)
                ours.shutdownSending()
            })
        defer { theirs.close() }
        var received: [UInt8] = []
        while try theirs.read(upTo: 1000, into: &received) > 0 {}
        #expect(received == bytes)
    }

    @Test func `that must not wait writes until its deadline`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer {
            ours.close()
            theirs.close()
        }
        try ours.setNonBlocking()
        #expect(ours.writeAll([1], before: 0))
        // More than a socket holds, and nobody reads.
        let start = MonotonicClock.now()
        #expect(!ours.writeAll([UInt8](repeating: 0, count: 10_000_000), before: start + 20_000_000))
        #expect(MonotonicClock.now() - start >= 20_000_000)
    }

    @Test func `says that the other side is gone`() throws {
        Signal.pipe.ignore()
        let (ours, theirs) = try SocketPair.open()
        theirs.close()
        defer { ours.close() }
        #expect(!ours.writeAll([1]))
        #expect(ours.send([1].span) == .failed)
        #expect(FileDescriptor(rawValue: -1).writeAll([]))
        #expect(!FileDescriptor(rawValue: -1).writeAll([1]))
    }

    @Test func `waits no longer than it is told to`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer {
            ours.close()
            theirs.close()
        }
        #expect(!ours.waitUntil(POLLIN, timeoutMilliseconds: 0))
        let start = MonotonicClock.now()
        #expect(!ours.waitUntil(POLLIN, timeoutMilliseconds: 20))
        #expect(MonotonicClock.now() - start >= 20_000_000)
        theirs.writeAll([1])
        #expect(ours.waitUntil(POLLIN, timeoutMilliseconds: -1))
    }

    @Test func `sends two pieces as one`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer {
            ours.close()
            theirs.close()
        }
        #expect(ours.send([1, 2].span, [3].span) == .sent(3))
        let nothing: [UInt8] = []
        #expect(ours.send(nothing.span, [4].span) == .sent(1))
        var bytes: [UInt8] = []
        _ = try theirs.read(upTo: 10, into: &bytes)
        #expect(bytes == [1, 2, 3, 4])
    }

    @Test func `is replaced as a file in one step`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("old", to: "pid")
        try FileAccess.replace(path, with: Array("new".utf8))
        #expect(directory.text("pid") == "new")
        #expect(Files.names(in: directory.path) == ["pid"])
        #expect(throws: SystemError.self) { try FileAccess.replace(directory.file("nope/pid"), with: []) }
    }
}

@Suite struct `A bell` {
    @Test func `makes its descriptor readable until it is cleared`() throws {
        let bell = try EventDescriptor.create()
        defer { bell.descriptor.close() }
        #expect(!bell.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 0))
        bell.ring()
        bell.ring()
        #expect(bell.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 0))
        bell.clear()
        #expect(!bell.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 0))
        // Nobody waits when there is nothing to clear.
        bell.clear()
        EventDescriptor(inherited: bell.descriptor).ring()
        #expect(bell.descriptor.waitUntil(POLLIN, timeoutMilliseconds: 0))
    }
}

@Suite struct `A wait on many descriptors` {
    @Test func `returns those that are readable, in the given order`() throws {
        let bells = try (0..<5).map { _ in try EventDescriptor.create() }
        defer { for bell in bells { bell.descriptor.close() } }
        let descriptors = bells.map(\.descriptor)
        #expect(PollSet.wait(for: descriptors, timeoutMilliseconds: 0).isEmpty)
        bells[3].ring()
        bells[1].ring()
        #expect(PollSet.wait(for: descriptors, timeoutMilliseconds: -1) == [descriptors[1], descriptors[3]])
        #expect(
            PollSet.wait(for: descriptors.reversed(), timeoutMilliseconds: -1) == [descriptors[3], descriptors[1]])
    }

    @Test func `returns one whose other side is gone, and one that is not open`() throws {
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        theirs.close()
        let closed = FileDescriptor(rawValue: 1_000_000)
        #expect(PollSet.wait(for: [closed, ours], timeoutMilliseconds: -1) == [closed, ours])
    }

    @Test func `on none ends with its time`() {
        #expect(PollSet.wait(for: [], timeoutMilliseconds: 1).isEmpty)
    }
}

@Suite struct `What a process uses` {
    @Test func `is known of this one`() throws {
        let usage = try #require(ProcessUsage.of(ThisProcess.pid))
        #expect(usage.residentBytes > 1 << 20 && usage.residentBytes % 4096 == 0)
        // The kernel's own account of it; 0 is RUSAGE_SELF, which Swift shows as another type.
        var own = rusage()
        getrusage(0, &own)
        let seconds = UInt64(own.ru_utime.tv_sec + own.ru_stime.tv_sec + 2)
        #expect(usage.cpuTime <= seconds * nanosecondsPerSecond)
    }

    @Test func `is not known of one that is gone`() {
        #expect(ProcessUsage.of(Int32.max) == nil)
        #expect(ProcessUsage.of(-1) == nil)
    }

    @Test(
        arguments: [
            (0, 0, 1, 0), (0, 1, 1, 100), (1, 3, 1, 200), (0, 1, 4, 25), (3, 1, 1, 0), (0, 1, 0, 0),
        ] as [(UInt64, UInt64, UInt64, Double)])
    func `is a share of a core between two readings`(before: UInt64, after: UInt64, elapsed: UInt64, percent: Double) {
        let second = nanosecondsPerSecond
        let earlier = ProcessUsage(residentBytes: 0, cpuTime: before * second)
        let later = ProcessUsage(residentBytes: 0, cpuTime: after * second)
        #expect(later.cpuPercent(since: earlier, elapsed: elapsed * second) == percent)
    }
}

@Suite struct `A lock` {
    /// A number that several threads change. Unchecked: the lock guards it.
    private final class Shared: @unchecked Sendable {
        let lock = Lock()
        let changed = Condition()
        var value = 0
        var finished = 0
    }

    @Test func `lets one thread in at a time, and its condition wakes who waits`() {
        let shared = Shared()
        let threads = 4
        for _ in 0..<threads {
            #expect(
                SystemThread.start {
                    for _ in 0..<5000 { shared.lock.withLock { shared.value += 1 } }
                    shared.lock.withLock { shared.finished += 1 }
                    shared.changed.signal()
                })
        }
        shared.lock.withLock { while shared.finished < threads { shared.changed.wait(shared.lock) } }
        #expect(shared.value == threads * 5000)
    }

    @Test func `lets all who wait go on at a broadcast`() throws {
        let shared = Shared()
        for _ in 0..<3 {
            #expect(
                SystemThread.start {
                    shared.lock.withLock {
                        while shared.value == 0 { shared.changed.wait(shared.lock) }
                        shared.finished += 1
                    }
                })
        }
        shared.lock.withLock { shared.value = 1 }
        shared.changed.broadcast()
        try eventually("all threads went on") { shared.lock.withLock { shared.finished == 3 } }
    }

    @Test func `gives out what was made inside`() {
        #expect(Lock().withLock { 5 } == 5)
    }
}

@Suite struct `An error of the system` {
    @Test func `says which call failed, on what, and why`() {
        #expect(
            SystemError(call: "open", errno: ENOENT, context: "/f").description == "open /f: No such file or directory")
        #expect(SystemError(call: "poll", errno: EINVAL).description == "poll: Invalid argument")
    }

    @Test func `is not raised by a call that a signal interrupted`() {
        var tries = 0
        let result = retrying {
            tries += 1
            errno = EINTR
            return tries < 3 ? -1 : 7
        }
        #expect(result == 7 && tries == 3)
    }
}
