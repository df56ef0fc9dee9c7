import Glibc
import Testing

@testable import TalonMetrics

@Suite struct `The reader of a directory` {
    @Test func `adds up counters and histograms of all files`() throws {
        let directory = try TemporaryDirectory()
        let stores = ["1", "2", "3"].map { MetricStore(directory, $0) }
        for (index, store) in stores.enumerated() {
            store.counter(name: "c", help: "h", labels: ["a": "\(index % 2)"]).add(1)
            store.histogram(name: "d", help: "h", buckets: index == 2 ? [2] : [1]).observe(1)
        }
        #expect(
            MetricDirectoryReader.read(directory).lines == [
                #"c_total{a="0"} 2"#, #"c_total{a="1"} 1"#, #"d_bucket{le="1.0"} 2"#, #"d_bucket{le="2.0"} 3"#,
                #"d_bucket{le="+Inf"} 3"#, "d_sum 3", "d_count 3",
            ])
    }

    @Test(arguments: [
        (GaugeMode.all, [#"g{pid="1"} 5"#, #"g{pid="2"} 3"#, #"g{pid="3"} 4"#], [#"g{pid="2"} 3"#, #"g{pid="3"} 4"#]),
        (.min, ["g 3"], ["g 3"]), (.max, ["g 5"], ["g 4"]), (.sum, ["g 12"], ["g 7"]), (.mostrecent, ["g 5"], ["g 4"]),
    ])
    func `joins gauges by their mode, live ones without those who ended`(
        mode: GaugeMode, lines: [String], withoutFirst: [String]
    ) throws {
        for mode in [mode, try #require(GaugeMode(rawValue: "live\(mode.rawValue)"))] {
            let directory = try TemporaryDirectory()
            for (identifier, value, time) in [("1", 5.0, 30.0), ("2", 3.0, 10.0), ("3", 4.0, 20.0)] {
                MetricStore(directory, identifier).gauge(name: "g", help: "h", mode: mode).set(value, at: time)
            }
            var reader = MetricDirectoryReader(directory: directory.path)
            #expect(reader.read().lines == lines)
            LiveGauges.remove(identifier: "1", directory: directory.path)
            #expect(reader.read().lines == (mode.rawValue.hasPrefix("live") ? withoutFirst : lines))
        }
    }

    @Test func `does not show a most recent gauge that nobody set`() throws {
        let directory = try TemporaryDirectory()
        let gauge = MetricStore(directory).gauge(name: "g", help: "h", mode: .mostrecent)
        #expect(MetricDirectoryReader.read(directory).lines == [])
        gauge.set(1)
        #expect(MetricDirectoryReader.read(directory).lines == ["g 1"])
    }

    @Test func `sees new series, new files, and files that are gone or replaced`() throws {
        let directory = try TemporaryDirectory()
        var reader = MetricDirectoryReader(directory: directory.path)
        #expect(reader.read().lines == [])
        let store = MetricStore(directory)
        let counter = store.counter(name: "c", help: "h")
        counter.add(1)
        #expect(reader.read().lines == ["c_total 1"])
        counter.add(1)
        store.counter(name: "b", help: "h").add(1)
        #expect(reader.read().lines == ["b_total 1", "c_total 2"])
        MetricStore(directory, "2").counter(name: "c", help: "h").add(10)
        #expect(reader.read().lines == ["b_total 1", "c_total 12"])
        // Another key of the same length at the same place, in a file of the same name.
        try directory.write(metricFile([(#"["x", "x_total", {}, "h"]"#, 5)]), to: "counter_1.db")
        #expect(reader.read().lines == ["c_total 10", "x_total 5"])
        unlink("\(directory.path)/counter_2.db")
        #expect(reader.read().lines == ["x_total 5"])
    }

    @Test func `forgets series whose files are gone`() throws {
        let directory = try TemporaryDirectory()
        var reader = MetricDirectoryReader(directory: directory.path)
        for round in 0..<5 {
            let entries = (0..<1000).map { (#"["c", "c_total", {"n": "\#(round)-\#($0)"}, "h"]"#, 1.0) }
            try directory.write(metricFile(entries), to: "counter_1.db")
            #expect(reader.read().families.first?.samples.count == 1000)
        }
    }

    @Test func `says which file has what wrong with it, and serves the others`() throws {
        let directory = try TemporaryDirectory()
        MetricStore(directory).counter(name: "good", help: "h").add(1)
        let good = (#"["ok", "ok", {}, "h"]"#, 1.0)
        try directory.write([], to: "counter_2.db")
        try directory.write(metricFile([good], used: -1), to: "counter_3.db")
        try directory.write(metricFile([good]), to: "nonsense_1.db")
        try directory.write(metricFile([good]), to: "gauge_1.db")
        try directory.write(metricFile([good]), to: "gauge_max_1.db")
        try directory.write(metricFile([good]), to: "gauge_min_1.db")
        try directory.write(metricFile([(#"["no good", "no good", {}, "h"]"#, 1), good]), to: "gauge_sum_1.db")
        try directory.write(metricFile([(#"["good_total", "good_total", {}, "h"]"#, 1)]), to: "gauge_sum_2.db")
        mkfifo("\(directory.path)/histogram_1.db", 0o600)
        mkdir("\(directory.path)/histogram_2.db", 0o700)
        defer { rmdir("\(directory.path)/histogram_2.db") }
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.lines == ["good_total 1", "ok 1"])
        #expect(
            reading.problems.map { String($0.path.dropFirst(directory.path.count + 1)) } == [
                "counter_2.db", "counter_3.db", "gauge_1.db", "gauge_min_1.db", "gauge_sum_1.db", "gauge_sum_2.db",
                "histogram_1.db", "histogram_2.db", "nonsense_1.db",
            ])
    }

    @Test func `tells that the directory is missing`() {
        var reader = MetricDirectoryReader(directory: "/nonexistent")
        let reading = reader.read()
        #expect(reading.families.isEmpty)
        #expect(reading.problems.map(\.path) == ["/nonexistent"])
        #expect(reading.problems.first?.error.errno == ENOENT)
    }

    @Test func `takes a file without entries for what it is`() throws {
        let directory = try TemporaryDirectory()
        try directory.write([UInt8](repeating: 0, count: 65536), to: "counter_1.db")
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.families.isEmpty)
        #expect(reading.problems.isEmpty)
    }
}
