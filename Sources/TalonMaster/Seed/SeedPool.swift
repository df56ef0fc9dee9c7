import TalonPlatform

/// The seeds: one of each generation that workers may be wanted of, and those that are to end.
struct SeedPool {
    /// By generation.
    private var seeds: [UInt64: SeedProcess] = [:]
    private var ending: [(process: ChildProcess, killAt: UInt64)] = []

    /// Time for what an application does at its exit.
    private static let endLimit = 5 * nanosecondsPerSecond

    var pids: [Int32] { seeds.values.map(\.pid) + ending.map(\.process.pid) }
    var descriptors: [FileDescriptor] {
        seeds.values.flatMap(\.descriptors) + ending.map(\.process.descriptor)
    }
    /// CLOCK_MONOTONIC, nanoseconds.
    var nextDeadline: UInt64? { (seeds.values.compactMap(\.deadline) + ending.map(\.killAt)).min() }

    subscript(generation: UInt64) -> SeedProcess? { seeds[generation] }

    mutating func add(_ seed: SeedProcess) { seeds[seed.generation] = seed }

    func of(_ descriptor: FileDescriptor) -> SeedProcess? {
        seeds.values.first { $0.descriptors.contains(descriptor) }
    }

    /// Those that owe an answer for too long.
    func late(_ now: UInt64) -> [SeedProcess] {
        seeds.values.filter { seed in seed.deadline.map { now >= $0 } == true }
    }

    func reopenLogs() {
        for seed in seeds.values { seed.reopenLogs() }
    }

    /// Has all end but those of some generations. Returns the workers that are not forked any more.
    mutating func retire(besides generations: [UInt64]) -> [SeedProcess.Request] {
        let leaving = seeds.values.filter { !generations.contains($0.generation) }
        let broken = leaving.compactMap(\.current?.request)
        for seed in leaving {
            remove(seed)
            // One that loads does not look at its socket.
            if !seed.isLoaded { Signal.kill.send(to: seed.pid) }
            ending.append((seed.process, MonotonicClock.now() + SeedPool.endLimit))
        }
        return broken
    }

    /// Takes out one that has ended, or is to.
    mutating func remove(_ seed: SeedProcess) {
        seeds[seed.generation] = nil
        seed.close()
    }

    /// Reaps what has ended of those that are to, and kills what should have by now.
    mutating func maintain(now: UInt64) {
        ending = ending.filter { $0.process.reap() == nil }
        for index in ending.indices where now >= ending[index].killAt {
            Signal.kill.send(to: ending[index].process.pid)
            ending[index].killAt = now + nanosecondsPerSecond
        }
    }

    /// Ends all, and waits a moment for that.
    mutating func finish() {
        _ = retire(besides: [])
        for (process, _) in ending where process.reap() == nil {
            if process.descriptor.waitUntil(1, timeoutMilliseconds: 1000) {
                _ = process.reap()
            } else {
                process.killAndReap()
            }
        }
        ending = []
    }
}
