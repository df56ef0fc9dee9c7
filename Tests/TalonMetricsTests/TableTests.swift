import Glibc
import Synchronization
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonMetrics

@Suite struct `A table of values made late` {
    @Test func `makes each once, whoever asks first`() throws {
        let table = LazyTable<Int>(count: 64)
        let made = Atomic(0)
        let running = Atomic(4)
        for _ in 0..<4 {
            let started = SystemThread.start {
                for round in 0..<6400 {
                    let value = table.value(at: round % 64) {
                        made.add(1, ordering: .relaxed).newValue * 0 + round % 64
                    }
                    if value != round % 64 { made.add(1000, ordering: .relaxed) }
                }
                running.subtract(1, ordering: .releasing)
            }
            #expect(started)
        }
        try eventually("the threads have ended") { running.load(ordering: .acquiring) == 0 }
        #expect(made.load(ordering: .relaxed) == 64)
    }

    @Test func `has nothing where nobody has asked`() {
        let table = LazyTable<String>(count: 2)
        #expect(table[0] == nil && table[1] == nil)
        #expect(table.value(at: 1) { "made" } == "made")
        #expect(table[0] == nil && table[1] == "made")
    }
}

@Suite struct `A table of label values` {
    private func number(_ table: LabelTable, _ text: String) -> Int { table.number(of: Array(text.utf8).span) }

    @Test(arguments: [1, 2, 3, 100, 1000])
    func `numbers values as they come, and has one number for those beyond its limit`(limit: Int) {
        let table = LabelTable(limit: limit)
        for value in 0..<limit { #expect(number(table, "value \(value)") == value) }
        for value in limit..<limit * 3 { #expect(number(table, "value \(value)") == limit) }
        for value in 0..<limit { #expect(number(table, "value \(value)") == value) }
    }

    @Test func `tells all bytes apart, none and NUL among them`() {
        let table = LabelTable(limit: 10)
        let texts = ["", "\0", "\0\0", "a", "a\0", "A", "ä", "b"]
        #expect(texts.map { number(table, $0) } == Array(0..<8))
        #expect(texts.map { number(table, $0) } == Array(0..<8))
    }

    @Test func `gives two threads the same number for the same value`() throws {
        let table = LabelTable(limit: 500)
        let running = Atomic(4)
        let results = Mutex<[[Int]]>([])
        for thread in 0..<4 {
            let started = SystemThread.start {
                var numbers = [Int](repeating: -1, count: 400)
                for step in 0..<400 {
                    let value = (step * 7 + thread * 100) % 400
                    numbers[value] = table.number(of: Array("value \(value)".utf8).span)
                }
                results.withLock { $0.append(numbers) }
                running.subtract(1, ordering: .releasing)
            }
            #expect(started)
        }
        try eventually("the threads have ended") { running.load(ordering: .acquiring) == 0 }
        let numbers = results.withLock { $0 }
        #expect(numbers.allSatisfy { $0 == numbers[0] })
        #expect(Set(numbers[0]).count == 400 && numbers[0].allSatisfy { (0..<400).contains($0) })
    }
}

@Suite struct `The labels of a counter` {
    @Test func `are those in the file, a predecessor's included`() throws {
        let directory = try TemporaryDirectory()
        withExtendedLifetime(MetricStore(directory, "1")) { store in
            store.counter(name: "c_total", help: "h", labels: ["a": "\"x\""]).increment()
            store.counter(name: "other", help: "h", labels: ["a": "y"]).increment()
        }
        let store = MetricStore(directory, "1")
        #expect(store.labels(ofCounter: "c_total").isEmpty, "nothing is open yet")
        _ = store.counter(name: "c", help: "h", labels: ["a": "z", "b": "1"])
        let labels = Set(store.labels(ofCounter: "c_total"))
        #expect(labels == [["a": "\"x\""], ["a": "z", "b": "1"]])
        #expect(Set(store.labels(ofCounter: "c")) == labels)
    }
}

@Suite struct `The live gauges of a process that has ended` {
    @Test func `are its own, its application's, and those of what that has forked`() throws {
        let directory = try TemporaryDirectory()
        let gone = ["1", "app-1", "app-1-1", "app-1-4711"]
        let kept = ["11", "10", "app-11", "app-11-1", "app-2-1", "app", "x-app-1"]
        for owner in gone + kept {
            for kind in ["gauge_livesum", "gauge_livemostrecent", "gauge_sum", "counter"] {
                try directory.write([0, 0, 0, 0], to: "\(kind)_\(owner).db")
            }
        }
        LiveGauges.remove(identifier: "1", directory: directory.path)
        let left = try FolderListing(directory.path).names
        for owner in gone + kept {
            for kind in ["gauge_livesum", "gauge_livemostrecent"] {
                #expect(left.contains("\(kind)_\(owner).db") == kept.contains(owner), "\(kind)_\(owner)")
            }
            for kind in ["gauge_sum", "counter"] { #expect(left.contains("\(kind)_\(owner).db"), "\(kind)_\(owner)") }
        }
    }
}
