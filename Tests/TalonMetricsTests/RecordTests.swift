import Glibc
import Testing

@testable import TalonMetrics

@Suite struct `Exemplars in a store` {
    private func exemplar(_ number: UInt64, at time: Double) -> Exemplar {
        Exemplar(traceHigh: number, traceLow: ~number, span: number &* 3, time: time)
    }

    private func histogram(_ store: MetricStore, buckets: [Double] = [1, 2]) -> Histogram {
        store.histogram(name: "d", help: "h", labels: ["l": "x"], buckets: buckets, exemplars: true)
    }

    /// The exemplars that a scrape shows, by the bounds of their buckets.
    private func shown(_ directory: TemporaryDirectory) throws -> [String: ObservedExemplar] {
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.isEmpty)
        let samples = try #require(reading.families.first { $0.name == "d" }).samples
        var shown: [String: ObservedExemplar] = [:]
        for sample in samples where sample.details?.exemplar != nil {
            let bound = try #require(sample.labels.first { $0.name == "le" }).value
            shown[bound] = sample.details?.exemplar
        }
        return shown
    }

    @Test func `are shown in the bucket that they were observed in, the latest of all slots`() throws {
        let directory = try TemporaryDirectory()
        let stores = ["1", "2"].map { MetricStore(directory, $0) }
        let first = histogram(stores[0])
        let second = histogram(stores[1])
        first.observe(0.5, exemplar: exemplar(1, at: 10))
        second.observe(1, exemplar: exemplar(2, at: 30))
        first.observe(0.7, exemplar: exemplar(3, at: 20))
        second.observe(9, exemplar: exemplar(4, at: 5))
        second.observe(1.5, exemplar: nil)
        for value in [Double.nan, .infinity] { second.observe(value, exemplar: exemplar(5, at: 99)) }
        #expect(
            try shown(directory) == [
                "1.0": ObservedExemplar(exemplar(2, at: 30), value: 1),
                "+Inf": ObservedExemplar(exemplar(4, at: 5), value: 9),
            ])
        #expect(directory.names.filter { $0.hasSuffix(".records") } == ["histogram_1.records", "histogram_2.records"])
        let openMetrics = String(
            decoding: ExpositionFormat.openMetrics.render(MetricDirectoryReader.read(directory).families), as: UTF8.self
        )
        #expect(
            openMetrics.contains(
                #"d_bucket{l="x",le="1.0"} 3 # {span_id="0000000000000006","#
                    + #"trace_id="0000000000000002fffffffffffffffd"} 1 30.000"#))
        withExtendedLifetime(stores) {}
    }

    @Test func `cost a histogram that has none no file`() throws {
        let directory = try TemporaryDirectory()
        let histogram = MetricStore(directory).histogram(name: "d", help: "h", buckets: [1])
        histogram.observe(1, exemplar: exemplar(1, at: 1))
        #expect(directory.names == ["histogram_1.db"])
        #expect(try shown(directory) == [:])
    }

    @Test func `are taken over, with new buckets where the buckets are others`() throws {
        let directory = try TemporaryDirectory()
        histogram(MetricStore(directory)).observe(0.5, exemplar: exemplar(1, at: 10))
        let size = try directory.bytes(of: "histogram_1.records").prefix(4)
        histogram(MetricStore(directory)).observe(5, exemplar: exemplar(2, at: 11))
        #expect(try directory.bytes(of: "histogram_1.records").prefix(4) == size, "the record was made anew")
        #expect(try shown(directory).keys.sorted() == ["+Inf", "1.0"])
        histogram(MetricStore(directory), buckets: [1, 4]).observe(3, exemplar: exemplar(3, at: 12))
        #expect(try shown(directory).keys.sorted() == ["+Inf", "1.0", "4.0"])
    }

    @Test func `that a killed thread left half written are not shown, and their bucket is written again`() throws {
        let directory = try TemporaryDirectory()
        histogram(MetricStore(directory)).observe(0.5, exemplar: exemplar(1, at: 10))
        let whole = try directory.bytes(of: "histogram_1.records")
        let image = FileImage(bytes: whole)
        let record = try #require(try RecordFormat.record(at: 8, in: image))
        for word in 0..<7 {
            var torn = whole
            torn[record.words + 8 * word] ^= 1  // of word 0, the sequence, this makes it odd
            try directory.write(torn, to: "histogram_1.records")
            #expect(try shown(directory) == [:])
        }
        var locked = whole
        locked[record.words] ^= 1
        try directory.write(locked, to: "histogram_1.records")
        histogram(MetricStore(directory)).observe(0.6, exemplar: exemplar(2, at: 11))
        #expect(try shown(directory) == ["1.0": ObservedExemplar(exemplar(2, at: 11), value: 0.6)])
    }

    @Test func `of many threads are never mixed`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        let histogram = histogram(store)
        histogram.observe(0.5, exemplar: exemplar(7, at: 0.5))
        let path = directory.path
        onThreads(4) { thread in
            if thread > 0 {
                for number in 0..<100_000 as Range<UInt64> {
                    let number = number * 4 + UInt64(thread) + 1
                    let exemplar = Exemplar(
                        traceHigh: number, traceLow: ~number, span: number &* 3, time: Double(number))
                    histogram.observe(1 / Double(number), exemplar: exemplar)
                }
                return
            }
            var reader = MetricDirectoryReader(directory: path)
            for _ in 0..<200 {
                for sample in reader.read().families.flatMap(\.samples) {
                    guard let observed = sample.details?.exemplar else { continue }
                    let number = observed.exemplar.traceHigh
                    #expect(observed.exemplar.traceLow == ~number && observed.exemplar.span == number &* 3)
                    #expect(
                        number == 7 || observed.value == 1 / Double(number) && observed.exemplar.time == Double(number))
                }
            }
        }
        #expect(try shown(directory).keys.sorted() == ["1.0"])
        withExtendedLifetime(store) {}
    }
}

@Suite struct `Native histograms in a store` {
    private func histogram(_ store: MetricStore, _ native: NativeLayout = .seconds) -> Histogram {
        store.histogram(name: "d", help: "h", buckets: [1], native: native)
    }

    private func shown(_ directory: TemporaryDirectory) throws -> NativeHistogram {
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.isEmpty)
        let count = try #require(reading.families.first?.samples.first { $0.name == "d_count" })
        return try #require(count.details?.native)
    }

    @Test func `count each value in the bucket whose bounds are around it`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        let histogram = histogram(store)
        var generator = SeededGenerator(state: 11)
        var expected: [Int: UInt64] = [:]
        for _ in 0..<5000 {
            // By the definition and not by the bits; random values are far enough from bounds for that.
            let power = Double.random(in: -20...12, using: &generator)
            histogram.observe(exp2(power))
            expected[Int((power * 8).rounded(.up)), default: 0] += 1
        }
        #expect(try shown(directory) == NativeHistogram(schema: 3, zeroExponent: -20, positive: expected))
    }

    @Test(
        arguments: [
            (1, 0), (2, 8), (0.5, -8), (1.0.nextUp, 1), (1.0.nextDown, 0), (1.0905, 1), (1.0906, 2), (1.5, 5),
            (4096, 96), (4096.5, 96), (1e300, 96), (0x1.0000001p-20, -159),
        ] as [(Double, Int)])
    func `count a bound in the bucket that it closes, and the largest in the last`(value: Double, index: Int) throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        histogram(store).observe(value)
        #expect(try shown(directory).positive == [index: 1])
        histogram(store).observe(-value)
        #expect(try shown(directory).negative == [index: 1])
    }

    @Test(arguments: [0, -0.0, 1e-9, -1e-9, 0x1p-20, .leastNonzeroMagnitude] as [Double])
    func `count what is next to nothing as zero`(value: Double) throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        histogram(store).observe(value)
        #expect(try shown(directory) == NativeHistogram(schema: 3, zeroExponent: -20, zeroCount: 1))
    }

    @Test func `are added over slots, successors and threads without a loss`() throws {
        let directory = try TemporaryDirectory()
        for slot in ["1", "2"] {
            for _ in 0..<2 {
                let store = MetricStore(directory, slot)
                let histogram = histogram(store)
                onThreads(4) { _ in for number in 1...5000 { histogram.observe(Double(number) / 100) } }
                withExtendedLifetime(store) {}
            }
        }
        #expect(try shown(directory).count == 80_000)
        let samples = try #require(MetricDirectoryReader.read(directory).families.first).samples
        #expect(samples.first { $0.name == "d_count" }?.value == 80_000)
    }

    @Test func `of other limits go on beside the old ones`() throws {
        let directory = try TemporaryDirectory()
        histogram(MetricStore(directory)).observe(4)
        let layout = try #require(NativeLayout(lowest: -2, highest: 4))
        histogram(MetricStore(directory), layout).observe(4)
        #expect(try shown(directory) == NativeHistogram(schema: 3, zeroExponent: -2, positive: [16: 2]))
    }

    @Test func `are one family with the classic ones in protobuf, with a count that adds up`() throws {
        let directory = try TemporaryDirectory()
        MetricStore(directory).histogram(name: "d", help: "h", buckets: [1]).observe(0.5)
        let store = MetricStore(directory, "2")
        histogram(store).observe(3)
        let families = MetricDirectoryReader.read(directory).families
        try directory.write(ExpositionFormat.protobuf.render(families), to: "exposition")
        let lines = try Program.python(ExpositionParsers.protobuf, directory: directory.path).split(separator: "\n")
        #expect(lines.contains("family d histogram 68"))
        #expect(lines.contains("d_bucket {le=2b496e66} 4000000000000000"), "both observations, in the classic buckets")
        #expect(lines.contains("d_count {} 3ff0000000000000"), "one, in the native ones")
        #expect(lines.contains("native d {} 3 3eb0000000000000 0 +13:1 -"))
        withExtendedLifetime(store) {}
    }
}

@Suite struct `A file of records` {
    @Test func `that is bad is left out and told, and the others are shown`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        store.histogram(name: "d", help: "h", buckets: [1], native: .seconds).observe(1)
        let good = try directory.bytes(of: "histogram_1.records")
        let layout = NativeLayout.seconds
        func record(_ key: String, count: Int) -> [UInt8] {
            let body = RecordFormat.encode(key: Array(key.utf8), count: count)
            return withUnsafeBytes(of: Int32(8 + body.count)) { Array($0) } + [0, 0, 0, 0] + body
        }
        let bad: [[UInt8]] = [
            [], [1], Array("no file of records at all".utf8), Array(good.prefix(100)),
            record(#"["d", "native 3 -20 12", {}, "h"]"#, count: layout.wordCount - 1),
            record(#"["d", "native 4 -20 12", {}, "h"]"#, count: layout.wordCount),
            record(#"["d", "native 3 12 -20", {}, "h"]"#, count: 1),
            record(#"["d", "native 3 -9999999999999999999 12", {}, "h"]"#, count: 1),
            record(#"["d", "exemplars 1.0", {}, "h"]"#, count: 8), record(#"["d", "exemplars", {}, "h"]"#, count: 0),
            record("no key", count: 1), record(#"["d", "another", {}, "h"]"#, count: 3),
        ]
        for (index, bytes) in bad.enumerated() { try directory.write(bytes, to: "histogram_\(10 + index).records") }
        mkfifo("\(directory.path)/histogram_99.records", 0o600)
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.count == bad.count + 1)
        #expect(reading.families.first?.samples.last?.details?.native?.count == 1)
        withExtendedLifetime(store) {}
    }

    @Test func `with counts that nobody counted is left out`() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = MetricStore(directory)
            store.histogram(name: "d", help: "h", buckets: [1], native: .seconds).observe(1)
        }
        var bytes = try directory.bytes(of: "histogram_1.records")
        let record = try #require(try RecordFormat.record(at: 8, in: FileImage(bytes: bytes)))
        bytes.replaceSubrange(record.words..<record.words + 8, with: repeatElement(0xff, count: 8))
        try directory.write(bytes, to: "histogram_1.records")
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.count == 1)
        #expect(reading.families.first?.samples.allSatisfy { $0.details == nil } == true)
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func `with bytes changed or cut does no harm`(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        func observe() {
            let store = MetricStore(directory)
            let histogram = store.histogram(
                name: "d", help: "h", buckets: [1, 2], exemplars: true, native: NativeLayout(lowest: -2, highest: 2))
            histogram.observe(0.5, exemplar: Exemplar(traceHigh: 1, traceLow: 2, span: 3, time: 4))
        }
        observe()
        var generator = SeededGenerator(state: seed)
        var bytes = Array(try directory.bytes(of: "histogram_1.records").prefix(1024))
        for _ in 0...(seed % 4) {
            bytes[Int.random(in: 0..<600, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
        }
        if seed % 3 == 0 { bytes.removeLast(Int.random(in: 0...1024, using: &generator)) }
        try directory.write(bytes, to: "histogram_1.records")
        let families = MetricDirectoryReader.read(directory).families
        for format in ExpositionFormat.allCases { #expect(!format.render(families).isEmpty) }
        observe()
        #expect(MetricDirectoryReader.read(directory).lines.contains("d_count 2"))
    }

    @Test func `that is garbage is replaced by its writer, who says so`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("garbage".utf8), to: "histogram_1.records")
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        store.histogram(name: "d", help: "h", buckets: [1], native: .seconds).observe(1)
        #expect(MetricDirectoryReader.read(directory).families.first?.samples.last?.details?.native?.count == 1)
        #expect(complaints.all.count == 1)
        #expect(complaints.all.first?.contains("histogram_1.records") == true)
        withExtendedLifetime(store) {}
    }

    @Test func `is left alone by other readers`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        store.histogram(name: "d", help: "h", buckets: [1], exemplars: true, native: .seconds).observe(1)
        let read = """
            from prometheus_client import CollectorRegistry, multiprocess, generate_latest
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
            print(generate_latest(registry).decode(), end='')
            """
        #expect(try Program.python(read, directory: directory.path).contains("d_count 1.0\n"))
        withExtendedLifetime(store) {}
    }

    @Test func `that cannot be made costs its histogram only what is in it`() throws {
        let directory = try TemporaryDirectory()
        mkdir("\(directory.path)/histogram_1.records", 0o700)
        defer { rmdir("\(directory.path)/histogram_1.records") }
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        let histogram = store.histogram(name: "d", help: "h", buckets: [1], exemplars: true, native: .seconds)
        histogram.observe(1, exemplar: Exemplar(traceHigh: 1, traceLow: 1, span: 1, time: 1))
        #expect(MetricDirectoryReader.read(directory).lines.contains("d_count 1"))
        #expect(complaints.all.count == 1)
        withExtendedLifetime(store) {}
    }
}
