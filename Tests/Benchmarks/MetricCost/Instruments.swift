import AllocationCount
import Glibc
import Synchronization
import TalonMetrics
import TalonPlatform

/// Prints what one update of each instrument costs: `NAME BEST MEDIAN ALLOCATIONS`, nanoseconds in the best of many rounds
/// and in the median one, and how many updates of four threads were lost.
func measureInstruments(_ folder: String) {
    let store = MetricStore(directory: folder, identifier: "1") { print($0) }
    let counter = store.counter(name: "bench", help: "h", labels: ["worker_id": "worker_1"])
    let gauge = store.gauge(name: "bench_now", help: "h", mode: .max)
    let recent = store.gauge(name: "bench_recent", help: "h", mode: .mostrecent)
    let histogram = store.histogram(
        name: "bench_seconds", help: "h", buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1])
    // Over the buckets as durations are: most in the first ones.
    let values: [Double] = (0..<1024).map { index in
        let share = Double((index * 7919) % 1024) / 1024
        return share * share * share * 0.2
    }
    measure("counter") { for _ in 0..<$0 { counter.increment() } }
    measure("gauge") { for round in 0..<$0 { gauge.set(Double(round)) } }
    measure("gauge-mostrecent") { for round in 0..<$0 { recent.set(Double(round)) } }
    measure("histogram") { for round in 0..<$0 { histogram.observe(values[round & 1023]) } }

    let threads = 4
    let each = 250_000
    let before = counter.value
    let ended = Atomic(0)
    for _ in 0..<threads {
        let started = SystemThread.start {
            for _ in 0..<each { counter.increment() }
            ended.add(1, ordering: .acquiringAndReleasing)
        }
        if !started { ThisProcess.exit(1) }
    }
    while ended.load(ordering: .acquiring) < threads { usleep(1000) }
    print("lost \(Int(before) + threads * each - Int(counter.value)) 0 0")
}

private func measure(_ name: String, rounds: Int = 41, calls: Int = 200_000, _ body: (Int) -> Void) {
    body(calls)
    var costs: [Double] = []
    costs.reserveCapacity(rounds)
    let allocated = allocation_count()
    for _ in 0..<rounds {
        let start = MonotonicClock.now()
        body(calls)
        costs.append(Double(MonotonicClock.now() - start) / Double(calls))
    }
    let allocations = allocation_count() - allocated
    costs.sort()
    print("\(name) \(costs[0]) \(costs[rounds / 2]) \(allocations)")
}
