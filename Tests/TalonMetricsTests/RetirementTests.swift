import Glibc
import Synchronization
import TalonTesting
import Testing

@testable import TalonMetrics

/// A pid that no process can have: proc(5) allows at most 2^22.
private let deadPid = 5_000_000

private func counters(_ value: Double) -> [UInt8] {
    metricFile([(#"["c", "c_total", {}, "h"]"#, value)])
}

extension TemporaryDirectory {
    fileprivate var retirement: Retirement { Retirement(directory: path, slots: 64) }

    /// Until there is nothing left to do; every slot but `busy` is free.
    @discardableResult
    fileprivate func retire(busy: Set<Int> = []) throws -> Int {
        var total = 0
        while case let count = try retirement.run(isFree: { !busy.contains($0) }), count > 0 { total += count }
        return total
    }

    /// The value of a sample by its line.
    fileprivate func value(_ name: String) -> Double? {
        for line in MetricDirectoryReader.read(self).lines where line.hasPrefix(name + " ") {
            return Double(line.dropFirst(name.count + 1))
        }
        return nil
    }
}

@Suite struct `Metric files of processes that have ended` {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `retire into an archive with the same totals`() throws {
        for identifier in ["1", "2", "3"] {
            let store = MetricStore(directory, identifier)
            store.counter(name: "c", help: "h").add(2)
            store.histogram(name: "d", help: "h", buckets: [1, 2]).observe(1.5)
        }
        try directory.write(counters(10), to: "counter_\(deadPid).db")
        try directory.write(counters(100), to: "counter_app-7-\(deadPid).db")
        try directory.write(counters(1000), to: "counter_app-7.db")
        let before = MetricDirectoryReader.read(directory).lines
        #expect(before.contains("c_total 1116"))
        #expect(try directory.retire() == 9)
        #expect(MetricDirectoryReader.read(directory).lines == before)
        #expect(directory.names == [".retired", "counter_retired-1.db", "histogram_retired-1.db"])
        // And again, into the next.
        try directory.write(counters(1), to: "counter_\(deadPid).db")
        #expect(try directory.retire() == 1)
        #expect(directory.value("c_total") == 1117)
        #expect(directory.value("d_count") == 3)
        #expect(directory.names == [".retired", "counter_retired-2.db", "histogram_retired-2.db"])
        #expect(try directory.retire() == 0)
    }

    @Test func `stay as long as somebody may write to them`() throws {
        let store = MetricStore(directory, "1")
        store.counter(name: "c", help: "h").add(1)
        let substitute = MetricStore(directory, "1")
        substitute.counter(name: "c", help: "h").add(1)
        for name in ["counter_\(getpid()).db", "counter_2.db", "counter_app-2.db", "counter_some-name.db"] {
            try directory.write(counters(1), to: name)
        }
        let before = directory.names
        #expect(try directory.retire(busy: [2]) == 0)
        #expect(directory.names == before)
        #expect(directory.value("c_total") == 6)
        withExtendedLifetime((store, substitute)) {}
    }

    @Test func `keep gauges by their mode, and those that end with their process not at all`() throws {
        for mode in GaugeMode.allCases {
            for (identifier, value, time) in [("1", 5.0, 30.0), ("2", 3.0, 10.0), ("3", 4.0, 20.0)] {
                MetricStore(directory, identifier)
                    .gauge(name: "g_\(mode)", help: "h", mode: mode).set(value, at: time)
            }
        }
        try directory.retire()
        #expect(
            MetricDirectoryReader.read(directory).lines == ["g_max 5", "g_min 3", "g_mostrecent 5", "g_sum 12"])
        MetricStore(directory, "1").gauge(name: "g_mostrecent", help: "h", mode: .mostrecent).set(7, at: 25)
        #expect(directory.value("g_mostrecent") == 5)
    }

    @Test func `stay when they are damaged, and empty ones go`() throws {
        try directory.write([], to: "counter_\(deadPid).db")
        try directory.write([UInt8](repeating: 0xff, count: 100), to: "counter_\(deadPid + 1).db")
        try directory.write(Array(counters(1).dropLast(4)), to: "counter_\(deadPid + 2).db")
        try directory.write(counters(4), to: "counter_\(deadPid + 3).db")
        #expect(try directory.retire() == 2)
        #expect(
            directory.names == [
                ".retired", "counter_\(deadPid + 1).db", "counter_\(deadPid + 2).db", "counter_retired-1.db",
            ])
        #expect(directory.value("c_total") == 4)
    }

    @Test func `leave out counts that are none, as the reader does`() throws {
        for (index, value) in [3, -1, .nan, 4].enumerated() {
            try directory.write(counters(value), to: "counter_\(deadPid + index).db")
        }
        try directory.retire()
        #expect(directory.value("c_total") == 7)
    }

    @Test func `of an application come back when a worker takes their slot meanwhile`() throws {
        try directory.write(counters(5), to: "counter_app-3.db")
        try directory.write(counters(1), to: "counter_\(deadPid).db")
        var retirement = directory.retirement
        let isFree = Atomic(true)
        retirement.step = { if $0 == .publish || $0 == .retire { isFree.store(false, ordering: .relaxed) } }
        #expect(try retirement.run { _ in isFree.load(ordering: .relaxed) } == 0)
        #expect(directory.names.filter { $0.hasSuffix(".db") } == ["counter_\(deadPid).db", "counter_app-3.db"])
        #expect(directory.value("c_total") == 6)
        #expect(try directory.retire(busy: [3]) == 1)
        #expect(directory.value("c_total") == 6)
    }

    @Test(arguments: Retirement.Step.allCases)
    func `have the same totals when the process that retires them is killed`(before step: Retirement.Step) throws {
        for round in 1...3 {
            MetricStore(directory, "1").counter(name: "c", help: "h").add(1)
            MetricStore(directory, "1").gauge(name: "g", help: "h", mode: .sum).add(2)
            try directory.write(counters(10), to: "counter_\(deadPid + round).db")
            try directory.write(counters(100), to: "counter_app-\(round).db")
            let killed = try MetricProcess.run(["retire", directory.path, "64", step.rawValue])
            #expect(killed.end == .signaled(SIGKILL))
            #expect(directory.value("c_total") == Double(111 * round))
            #expect(directory.value("g") == Double(2 * round))
        }
        // A process that another test starts has this one's locks until its exec: then the next turn retires.
        try eventually("all that ended is joined; left: \(directory.names)") {
            try directory.retire()
            return directory.names.count == 3
        }
        #expect(directory.value("c_total") == 333)
        #expect(directory.value("g") == 6)
    }

    @Test(arguments: Retirement.Step.allCases)
    func `have the same totals when a new file has the name of one that was retiring`(
        before step: Retirement.Step
    ) throws {
        let name = "counter_\(deadPid).db"
        var expected = 0.0
        for _ in 0..<3 {
            if !directory.names.contains(name) {
                try directory.write(counters(5), to: name)
                expected += 5
            }
            #expect(directory.value("c_total") == expected)
            _ = try MetricProcess.run(["retire", directory.path, "64", step.rawValue])
            #expect(directory.value("c_total") == expected)
        }
        try directory.retire()
        #expect(directory.value("c_total") == expected)
        #expect(directory.names.count == 2, "\(directory.names)")
    }

    @Test func `show no reader in between a total that goes back`() throws {
        let path = directory.path
        let done = Atomic(false)
        let trouble = Complaints()
        let readings = Atomic(0)
        onThreads(2) { index in
            if index == 0 {
                var reader = MetricDirectoryReader(directory: path)
                var last = 0.0
                while !done.load(ordering: .acquiring) {
                    let now = reader.read().families.first?.samples.first?.value ?? 0
                    if now < last { trouble.add("\(last) became \(now)") }
                    last = now
                    readings.add(1, ordering: .relaxed)
                }
                return
            }
            let retirement = Retirement(directory: path, slots: 64)
            for round in 0..<60 {
                for number in 0..<5 {
                    let store = MetricStore(directory: path, identifier: "\(number)") { trouble.add($0) }
                    store.counter(name: "c", help: "h").add(1)
                }
                if (try? retirement.run(isFree: { _ in true })) == nil { trouble.add("round \(round) failed") }
            }
            done.store(true, ordering: .releasing)
        }
        #expect(trouble.all == [])
        #expect(readings.load(ordering: .relaxed) > 0)
        #expect(directory.value("c_total") == 300)
    }
}

@Suite struct `Ten thousand recycled workers` {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Each life leaves a file; after each crowd the page must have every count of every life.
    private func lives(_ count: Int, _ life: (Int) throws -> Void) throws {
        let crowd = 500
        var reader = MetricDirectoryReader(directory: directory.path)
        var most = 0
        for start in stride(from: 0, to: count, by: crowd) {
            for number in start..<start + crowd { try life(number) }
            var last = reader.read().lines
            #expect(last == ["c_total \(FloatText.of(start + crowd))"])
            while case let retired = try directory.retirement.run(isFree: { $0 != 0 }), retired > 0 {
                last = reader.read().lines
                #expect(last == ["c_total \(FloatText.of(start + crowd))"])
            }
            most = max(most, directory.names.count)
        }
        #expect(most <= 4, "\(directory.names)")
    }

    @Test func `leave a bounded number of files and exact totals: files named by pid, of Python`() throws {
        try lives(10_000) { number in
            try directory.write(counters(1), to: "counter_\(deadPid + number).db")
        }
    }

    @Test func `leave a bounded number of files and exact totals: substitutes of a slot that is held`() throws {
        let holder = MetricStore(directory, "0")
        _ = holder.counter(name: "c", help: "h")
        try lives(10_000) { number in
            try directory.write(counters(1), to: "counter_0-\(deadPid + number).db")
        }
        withExtendedLifetime(holder) {}
    }

    @Test func `leave one file a slot where nothing retires`() throws {
        let holder = MetricStore(directory, "0")
        _ = holder.counter(name: "c", help: "h")
        for number in 1...500 {
            // As of another process: the name has its pid.
            MetricStore(directory, "1").counter(name: "c", help: "h").add(1)
            MetricStore(directory, "0").counter(name: "c", help: "h").add(1)
            if number % 100 == 0 { #expect(directory.value("c_total") == Double(2 * number)) }
        }
        #expect(directory.names == ["counter_0-\(getpid()).db", "counter_0.db", "counter_1.db"])
        // Another process takes over what is free, and makes nothing of its own.
        let writer = try MetricProcess.start(["write", directory.path, "0"])
        try eventually("it counts") { directory.value("c_total").map { $0 > 1000 } ?? false }
        writer.signal(SIGKILL)
        _ = try writer.wait(within: .seconds(10))
        #expect(directory.names.filter { $0.hasPrefix("counter_") }.count == 3)
        withExtendedLifetime(holder) {}
    }
}

/// Numbers as the page has them.
private enum FloatText {
    static func of(_ number: Int) -> String {
        var bytes: [UInt8] = []
        FloatFormat.appendGo(Double(number), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite struct `What a former run left` {
    @Test func `is removed, but for what belongs to somebody who lives`() throws {
        let directory = try TemporaryDirectory()
        let living = MetricStore(directory, "5")
        living.counter(name: "c", help: "h").add(1)
        MetricStore(directory, "1").counter(name: "c", help: "h").add(1)
        MetricStore(directory, "master").gauge(name: "g", help: "h", mode: .sum).set(1)
        let gone = [
            "counter_\(deadPid).db", "counter_app-1.db", "gauge_liveall_app-2.db", "counter_runner-0.db",
            "counter_2-\(deadPid).db", "histogram_2.records", "counter_3.db",
        ]
        let kept = ["counter_app-5.db", "counter_\(getpid()).db", "counter_whose.db", "notes.txt"]
        for name in gone.dropLast() + kept { try directory.write(counters(1), to: name) }
        try directory.write([1, 2, 3], to: "counter_3.db")
        try directory.write([], to: ".1_\(deadPid)-140.new")
        try FormerRun.remove(from: directory.path, slots: 64)
        #expect(directory.names == (kept + ["counter_5.db"]).sorted())
        withExtendedLifetime(living) {}
    }

    @Test func `is removed with the archive, unless another server goes on in the folder`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(counters(3), to: "counter_\(deadPid).db")
        try directory.retire()
        var living: MetricStore? = MetricStore(directory, "5")
        living?.counter(name: "c", help: "h").add(1)
        try FormerRun.remove(from: directory.path, slots: 64)
        #expect(directory.value("c_total") == 4)
        living = nil
        try FormerRun.remove(from: directory.path, slots: 64)
        #expect(directory.names == [])
        try FormerRun.remove(from: "\(directory.path)/none", slots: 64)
    }
}
