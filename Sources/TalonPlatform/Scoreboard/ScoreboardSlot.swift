import CTalonPlatform
import Glibc

/// The record of one slot. Every field is one aligned word, read and written atomically.
package struct ScoreboardSlot: @unchecked Sendable {
    // Unchecked, because the memory is shared and every access below is atomic.
    private let record: UnsafeMutableRawPointer
    private let laneCount: Int

    init(record: UnsafeMutableRawPointer, laneCount: Int) {
        self.record = record
        self.laneCount = laneCount
    }

    /// What one thread of the worker is doing. Lane 0 is the main thread's.
    package subscript(lane lane: Int) -> ScoreboardLane {
        precondition(lane >= 0 && lane < laneCount, "no such lane: \(lane)")
        return ScoreboardLane(record: record + Scoreboard.recordSize + lane * Scoreboard.laneSize)
    }

    package var lanes: [ScoreboardLane] { (0..<laneCount).map { self[lane: $0] } }

    /// The lanes of the threads that run the application. If there is to be one, that is the main thread, and the lane
    /// made for it is not used.
    package var applicationLanes: [ScoreboardLane] {
        laneCount <= 2 ? [self[lane: 0]] : (1..<laneCount).map { self[lane: $0] }
    }

    private enum Offset {
        static let state = 0
        static let pid = 8
        static let age = 16
        static let generation = 24
        static let heartbeat = 32
        static let started = 40
        // The worker's own cache line.
        static let connections = 64
        static let lent = 72
        static let requests = 80
        // On cache lines of their own: written only at a worker's end.
        static let farewell = 192
        static let endedCPU = 200
        static let wish = 208
        static let farewellSender = 216
    }

    @inline(__always)
    private func word(_ offset: Int) -> UnsafeMutablePointer<UInt64> {
        (record + offset).assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    private func load(_ offset: Int) -> UInt64 { talon_atomic_load_acquire_u64(word(offset)) }

    @inline(__always)
    private func store(_ value: UInt64, _ offset: Int) { talon_atomic_store_release_u64(word(offset), value) }

    package var state: WorkerState {
        get { WorkerState(rawValue: UInt32(truncatingIfNeeded: load(Offset.state))) ?? .free }
        nonmutating set { store(UInt64(newValue.rawValue), Offset.state) }
    }

    /// Pid of the worker; 0 if there is none.
    package var pid: Int32 {
        get { Int32(truncatingIfNeeded: load(Offset.pid)) }
        nonmutating set { store(UInt64(UInt32(bitPattern: newValue)), Offset.pid) }
    }

    /// The spawn counter's value.
    package var age: UInt64 {
        get { load(Offset.age) }
        nonmutating set { store(newValue, Offset.age) }
    }

    package var generation: UInt64 {
        get { load(Offset.generation) }
        nonmutating set { store(newValue, Offset.generation) }
    }

    /// When the worker's loop last turned: CLOCK_MONOTONIC, nanoseconds.
    package var heartbeat: UInt64 {
        get { load(Offset.heartbeat) }
        nonmutating set { store(newValue, Offset.heartbeat) }
    }

    /// When it was started: CLOCK_REALTIME, nanoseconds.
    package var startedAt: UInt64 {
        get { load(Offset.started) }
        nonmutating set { store(newValue, Offset.started) }
    }

    /// Why the worker leaves, if it is not by the master's order: the first reason that it had.
    package var farewell: WorkerFarewell {
        get { WorkerFarewell(rawValue: UInt32(truncatingIfNeeded: load(Offset.farewell))) ?? .none }
        nonmutating set { store(UInt64(newValue.rawValue), Offset.farewell) }
    }

    /// The process that told it to, by a signal; 0 if nobody has, or the kernel.
    package var farewellSender: Int32 {
        get { Int32(truncatingIfNeeded: load(Offset.farewellSender)) }
        nonmutating set { store(UInt64(UInt32(bitPattern: newValue)), Offset.farewellSender) }
    }

    /// Notes why the worker leaves, unless it has noted another reason before. The worker.
    package func leave(_ reason: WorkerFarewell) {
        if farewell == .none { farewell = reason }
    }

    /// Why the worker would like to be replaced: it serves until the master tells it to end.
    package var wish: WorkerFarewell {
        get { WorkerFarewell(rawValue: UInt32(truncatingIfNeeded: load(Offset.wish))) ?? .none }
        nonmutating set { store(UInt64(newValue.rawValue), Offset.wish) }
    }

    /// Requests that the worker has begun.
    package var requests: UInt64 { load(Offset.requests) }

    /// Counts one that begins; returns how many that are. Any thread of the worker.
    @inline(__always)
    package func countRequest() -> UInt64 { talon_atomic_add_u64(word(Offset.requests), 1) &+ 1 }

    /// CPU time of all workers that this slot has had and that are gone: nanoseconds. The master.
    package var endedCPUTime: UInt64 {
        get { load(Offset.endedCPU) }
        nonmutating set { store(newValue, Offset.endedCPU) }
    }

    /// Connections that the worker has open.
    package var connections: Int {
        get { Int(truncatingIfNeeded: load(Offset.connections)) }
        nonmutating set { store(UInt64(truncatingIfNeeded: newValue), Offset.connections) }
    }

    /// Requests that are with the worker's application threads, or wait for one; 0 if the main thread is the only one.
    package var lent: Int {
        get { Int(truncatingIfNeeded: load(Offset.lent)) }
        nonmutating set { store(UInt64(truncatingIfNeeded: newValue), Offset.lent) }
    }

    /// Gives the slot to a new worker. The master, before the worker is started.
    package func claim(age: UInt64, generation: UInt64) {
        for lane in lanes { lane.clear() }
        (connections, lent) = (0, 0)
        (farewell, farewellSender, wish) = (.none, 0, .none)
        store(0, Offset.requests)
        pid = 0
        self.age = age
        self.generation = generation
        heartbeat = MonotonicClock.now()
        startedAt = MonotonicClock.unixTime()
        state = .booting
    }

    /// Takes it back. The master, when the worker is gone.
    package func release() {
        state = .free
        pid = 0
    }
}
