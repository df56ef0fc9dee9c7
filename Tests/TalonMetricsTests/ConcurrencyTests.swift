import Glibc
import Synchronization
import Testing

@testable import TalonMetrics

/// Runs `body` on `count` threads and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let threads = (0..<count).map { index in
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Start { body(index) }).toOpaque())
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

@Suite struct `Many threads` {
    @Test func `lose no addition`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        let counter = store.counter(name: "c", help: "h")
        let histogram = store.histogram(name: "d", help: "h", buckets: [1, 2])
        onThreads(4) { _ in
            for number in 0..<50_000 {
                counter.increment()
                histogram.observe(Double(number % 3) + 0.5)
            }
        }
        #expect(counter.value == 200_000)
        let lines = MetricDirectoryReader.read(directory).lines
        #expect(lines.contains("d_count 200000"))
        #expect(histogram.total == 4 * (16_667 * 0.5 + 16_667 * 1.5 + 16_666 * 2.5))
    }

    @Test func `get the same cells when they ask at once`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        onThreads(4) { _ in
            for number in 0..<500 { store.counter(name: "c", help: "h", labels: ["n": "\(number)"]).increment() }
        }
        let samples = try #require(MetricDirectoryReader.read(directory).families.first).samples
        #expect(samples.count == 500)
        #expect(samples.allSatisfy { $0.value == 4 })
    }

    @Test func `never show a reader anything half done`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let done = Atomic(false)
        let readings = Atomic(0)
        let trouble = Complaints()
        // Bit patterns that differ in every byte: half of one and half of the other would be neither.
        let values: [Double] = [1.2345678901234567e-100, -9.876543210987654e200]
        onThreads(3) { index in
            if index == 0 {
                for round in 0..<20 {
                    let store = MetricStore(directory: path, identifier: "\(round)") { trouble.add($0) }
                    for number in 0..<300 {
                        let gauge = store.gauge(name: "g", help: "h", labels: ["n": "\(number)"], mode: .liveall)
                        gauge.set(values[number % 2])
                        gauge.set(values[(number + 1) % 2])
                    }
                }
                done.store(true, ordering: .releasing)
                return
            }
            var reader = MetricDirectoryReader(directory: path)
            while !done.load(ordering: .acquiring) {
                let reading = reader.read()
                for problem in reading.problems { trouble.add("\(problem)") }
                for sample in reading.families.flatMap(\.samples) where !(values + [0]).contains(sample.value) {
                    trouble.add("\(sample)")
                }
                readings.add(1, ordering: .relaxed)
            }
        }
        #expect(trouble.all.isEmpty)
        #expect(readings.load(ordering: .relaxed) > 0)
        #expect(MetricDirectoryReader.read(directory).families.first?.samples.count == 6000)
    }
}
