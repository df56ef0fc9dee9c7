import Glibc
import TalonTesting
import Testing

@testable import TalonMetrics

@Suite struct `Trouble with metric files` {
    private static let key = #"["c", "c_total", {}, "h"]"#

    @Test(
        arguments: [
            ("counter_1.db", [], .format), ("counter_1.db", [8, 0, 0], .format),
            ("counter_1.db", Array(metricFile([(key, 1)]).dropLast(8)), .format),
            ("counter_1.db", [UInt8](repeating: 0xa5, count: 4096), .format),
            // Of a machine with the other byte order.
            ("counter_1.db", [0, 0, 0, 56, 0, 0, 0, 0] + metricFile([(key, 1)]).dropFirst(8), .format),
            ("counter_1.db", metricFile([("{\"version\": 2}", 1)]), .format),
            ("meter_1.db", metricFile([(key, 1)]), .name), ("gauge_fastest_1.db", metricFile([(key, 1)]), .name),
        ] as [(String, [UInt8], MetricError.Code)])
    func `has a reason, and the other files are shown`(name: String, bytes: [UInt8], reason: MetricError.Code) throws {
        let directory = try TemporaryDirectory()
        MetricStore(directory, "2").counter(name: "good", help: "h").add(1)
        try directory.write(bytes, to: name)
        var reader = MetricDirectoryReader(directory: directory.path)
        for _ in 0..<2 {
            let reading = reader.read()
            #expect(reading.lines == ["good_total 1"])
            #expect(reading.problems.map(\.error.code) == [reason])
        }
    }

    @Test func `that cannot be opened has a reason too`() throws {
        let directory = try TemporaryDirectory()
        symlink("counter_1.db", "\(directory.path)/counter_1.db")
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.map(\.error.code) == [.access])
    }

    @Test func `leaves out counts that are none, and adds up a key that is there twice`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(metricFile([(Self.key, 2), (Self.key, 3)]), to: "counter_1.db")
        try directory.write(metricFile([(Self.key, -1)]), to: "counter_2.db")
        try directory.write(metricFile([(Self.key, .nan)]), to: "counter_3.db")
        let sum = #"["d", "d_sum", {}, "h"]"#
        let bucket = #"["d", "d_bucket", {"le": "1.0"}, "h"]"#
        try directory.write(metricFile([(sum, -7), (bucket, -7)]), to: "histogram_1.db")
        try directory.write(metricFile([(#"["g", "g", {}, "h"]"#, .nan)]), to: "gauge_sum_1.db")
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.lines == ["c_total 5", #"d_bucket{le="+Inf"} 0"#, "d_sum -7", "d_count 0", "g NaN"])
        #expect(reading.problems.map(\.error.code) == [.format, .format, .format])
        #expect(reading.problems.allSatisfy { $0.error.context.contains("counts left out") })
    }

    @Test(.enabled(if: TemporaryDirectory.canMount, "mounting a small file system needs CAP_SYS_ADMIN"))
    func `on a full disk leaves known series going on, and new ones are counted as dropped`() throws {
        let directory = try TemporaryDirectory()
        try directory.mountTemporaryFileSystem(size: 160 << 10)
        defer { directory.unmount() }
        let store = MetricStore(directory)
        let counters = (0..<3000).map { store.counter(name: "c", help: "h", labels: ["number": "\($0)"]) }
        for _ in 0..<2 { for counter in counters { counter.add(1) } }
        let families = MetricDirectoryReader.read(directory).families
        let shown = try #require(families.first { $0.name == "c_total" }).samples
        #expect(shown.allSatisfy { $0.value == 2 })
        let dropped = try #require(families.first { $0.name == "talon_metrics_series_dropped_total" }).samples
        #expect(dropped.map(\.labels) == [[Label("reason", "space")]])
        #expect(dropped.map(\.value) == [Double(3000 - shown.count)])
        // Another type's file finds no room either.
        store.histogram(name: "d", help: "h", buckets: [1]).observe(1)
        let after = MetricDirectoryReader.read(directory)
        #expect(after.problems.isEmpty)
        #expect(after.lines.contains(#"talon_metrics_series_dropped_total{reason="space"} \#(3003 - shown.count)"#))
    }

    @Test func `of the size limit and of names is counted by its reason`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory, fileLimit: 64 << 10)
        for number in 0..<2000 { _ = store.counter(name: "c", help: "h", labels: ["number": "\(number)"]) }
        _ = store.counter(name: "no good", help: "h")
        let reading = MetricDirectoryReader.read(directory)
        let shown = reading.families.first { $0.name == "c_total" }?.samples.count ?? 0
        #expect(shown > 500)
        let lines = reading.lines.filter { $0.hasPrefix("talon_metrics_series_dropped_total") }
        #expect(
            lines == [
                #"talon_metrics_series_dropped_total{reason="full"} \#(2000 - shown)"#,
                #"talon_metrics_series_dropped_total{reason="name"} 1"#,
            ])
    }

    @Test func `is none when writers are killed at any moment: no number is torn or goes back`() throws {
        let directory = try TemporaryDirectory()
        var reader = MetricDirectoryReader(directory: directory.path)
        var last: [String: Double] = [:]
        /// Reads the folder once; returns the total.
        func look() throws -> Double {
            let reading = reader.read()
            #expect(reading.problems.isEmpty)
            for family in reading.families {
                for sample in family.samples {
                    if family.type == .gauge {
                        #expect([1.2345678901234567e-100, -9.876543210987654e200].contains(sample.value))
                        continue
                    }
                    let name = "\(sample.name)\(sample.labels)"
                    #expect(sample.value >= last[name] ?? 0, "\(name)")
                    last[name] = sample.value
                    if family.type == .counter { #expect(sample.value == sample.value.rounded()) }
                }
            }
            #expect(last.keys.allSatisfy { key in reading.families.contains { key.hasPrefix($0.name) } })
            return last["c_total[]"] ?? 0
        }
        for round in 0..<12 {
            let before = try look()
            let writers = try (0..<2).map { try MetricProcess.start(["write", directory.path, "\($0)"]) }
            try eventually("they count") { try look() > before }
            for _ in 0..<round % 4 { _ = try look() }
            for writer in writers { writer.signal(SIGKILL) }
            for writer in writers { #expect(try writer.wait(within: .seconds(30)) == .signaled(SIGKILL)) }
        }
        #expect(directory.names.filter { $0.hasSuffix(".db") }.count == 6)
    }

    @Test func `does not stop the reader in a million files of random content, nor grow its memory`() throws {
        let run = try MetricProcess.run(["fuzz", "1000000", "1"], within: .seconds(300))
        try #require(run.status == 0, "\(run.output)\(run.error)")
        let words = run.output.split(whereSeparator: \.isWhitespace)
        try #require(words.count == 6)
        #expect(words[1] == "1000000")
        #expect(try #require(Int(words[3])) > 300_000, "hardly anything was damaged: \(run.output)")
        #expect(try #require(Int(words[5])) < 100, "\(run.output)")
    }

    @Test func `is found in files that change, whatever becomes of them`() throws {
        var random = SeededGenerator(state: 3)
        var reader = MetricDirectoryReader(directory: "")
        let good = ("counter_9.db", metricFile([(#"["good", "good_total", {}, "h"]"#, 1)]))
        var bytes = metricFile([(Self.key, 1), (#"["b", "b_total", {"x": "y"}, "h"]"#, 1)])
        for _ in 0..<20_000 {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: .min ... .max, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 { bytes = metricFile([(Self.key, 1)]) }
            let reading = reader.read(contents: [("counter_1.db", bytes), good])
            #expect(reading.families.contains { $0.name == "good_total" })
        }
    }
}

@Suite struct `A scrape` {
    @Test func `of known keys parses none, and follows the numbers`() throws {
        let directory = try TemporaryDirectory()
        let stores = (0..<4).map { MetricStore(directory, "\($0)") }
        let counters = stores.flatMap { store in
            (0..<50).map { store.counter(name: "c", help: "h", labels: ["n": "\($0)"]) }
        }
        var reader = MetricDirectoryReader(directory: directory.path)
        #expect(reader.read().families.first?.samples.allSatisfy { $0.value == 0 } == true)
        #expect(reader.parsedKeys == 200)
        for round in 1...3 {
            for counter in counters { counter.increment() }
            let reading = reader.read()
            #expect(reading.families.first?.samples.map(\.value) == [Double](repeating: Double(4 * round), count: 50))
            #expect(reader.parsedKeys == 200)
        }
        stores[0].counter(name: "c", help: "h", labels: ["n": "new"]).increment()
        #expect(reader.read().families.first?.samples.count == 51)
        #expect(reader.parsedKeys == 201)
    }

    @Test func `of a file that nobody changed for long sees other keys in it at once`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/counter_1.db"
        try directory.write(metricFile([(#"["a", "a_total", {}, "h"]"#, 1)]), to: "counter_1.db")
        try eventually("the file has a version") { try FileImage(path: path).version != nil }
        var reader = MetricDirectoryReader(directory: directory.path)
        for _ in 0..<3 { #expect(reader.read().lines == ["a_total 1"]) }
        // The same inode and size.
        try directory.write(metricFile([(#"["b", "b_total", {}, "h"]"#, 1)]), to: "counter_1.db")
        for _ in 0..<3 { #expect(reader.read().lines == ["b_total 1"]) }
        try eventually("the file has a version") { try FileImage(path: path).version != nil }
        #expect(reader.read().lines == ["b_total 1"])
        // A new key, by a mapping, which changes nothing that stat(2) shows.
        let store = MetricStore(directory)
        store.counter(name: "c", help: "h").add(2)
        #expect(reader.read().lines == ["b_total 1", "c_total 2"])
    }

    @Test func `leaves an earlier reading as it was`() throws {
        let directory = try TemporaryDirectory()
        let counter = MetricStore(directory).counter(name: "c", help: "h")
        var reader = MetricDirectoryReader(directory: directory.path)
        let first = reader.read()
        counter.add(5)
        let second = reader.read()
        #expect(first.lines == ["c_total 0"])
        #expect(second.lines == ["c_total 5"])
    }

    @Test func `keeps no more series than twice those that are there`() throws {
        let directory = try TemporaryDirectory()
        var reader = MetricDirectoryReader(directory: directory.path)
        for round in 0..<20 {
            let entries = (0..<1500).map { (#"["c", "c_total", {"n": "\#(round)-\#($0)"}, "h"]"#, 1.0) }
            try directory.write(metricFile(entries), to: "counter_1.db")
            #expect(reader.read().families.first?.samples.count == 1500)
            #expect(reader.knownSeries <= 3000)
        }
    }

    @Test func `takes a family of another type when the files of the first are gone`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(metricFile([(#"["a_total", "a_total", {}, "h"]"#, 1)]), to: "gauge_sum_1.db")
        var reader = MetricDirectoryReader(directory: directory.path)
        #expect(reader.read().lines == ["a_total 1"])
        try directory.write(metricFile([(#"["a", "a_total", {}, "h"]"#, 5)]), to: "counter_1.db")
        #expect(reader.read().problems.isEmpty == false)
        unlink("\(directory.path)/gauge_sum_1.db")
        _ = reader.read()
        let reading = reader.read()
        #expect(reading.lines == ["a_total 5"])
        #expect(reading.problems.isEmpty)
    }

    @Test func `renders with kept text what it renders without`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        store.counter(name: "c", help: "h", labels: ["path": "/\"\\\n😀"]).add(1e9)
        store.histogram(name: "d", help: "h", labels: ["a": "1"], buckets: [0.5, 1e6]).observe(0.7)
        store.gauge(name: "g", help: "h").set(-.infinity)
        var reader = MetricDirectoryReader(directory: directory.path)
        for _ in 0..<2 {
            let kept = reader.read().families
            let bare = kept.map { MetricFamily(name: $0.name, type: $0.type, help: $0.help, samples: $0.samples) }
            #expect(kept.allSatisfy { $0.lines != nil } && bare.allSatisfy { $0.lines == nil })
            #expect(TextExposition.render(kept) == TextExposition.render(bare))
        }
    }
}
