import Glibc
import Testing

@testable import TalonMetrics

@Suite struct `A metric store` {
    @Test func `writes what the reader reads`() throws {
        let directory = try TemporaryDirectory()
        let complaints = Complaints()
        let store = MetricStore(directory, "3", complaints)
        let requests = store.counter(name: "requests_total", help: "All requests", labels: ["method": "GET"])
        requests.increment()
        requests.add(1.5)
        store.gauge(name: "memory_bytes", help: "Memory", labels: ["z": "1", "a": "2"]).set(24_875_008)
        let duration = store.histogram(name: "duration_seconds", help: "Duration", buckets: [0.5, 0.1, 1])
        for value in [0.05, 0.1, 0.3, 7] { duration.observe(value) }
        let reading = MetricDirectoryReader.read(directory)
        #expect(reading.problems.isEmpty)
        #expect(complaints.all.isEmpty)
        #expect(
            String(decoding: TextExposition.render(reading.families), as: UTF8.self) == """
                # HELP duration_seconds Duration
                # TYPE duration_seconds histogram
                duration_seconds_bucket{le="0.1"} 2
                duration_seconds_bucket{le="0.5"} 3
                duration_seconds_bucket{le="1.0"} 3
                duration_seconds_bucket{le="+Inf"} 4
                duration_seconds_sum 7.45
                duration_seconds_count 4
                # HELP memory_bytes Memory
                # TYPE memory_bytes gauge
                memory_bytes{a="2",pid="3",z="1"} 2.4875008e+07
                # HELP requests_total All requests
                # TYPE requests_total counter
                requests_total{method="GET"} 2.5

                """)
        #expect(directory.names == ["counter_3.db", "gauge_all_3.db", "histogram_3.db"])
    }

    @Test func `gives the same cell for the same series`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        store.counter(name: "c", help: "h", labels: ["a": "1", "b": "2"]).add(1)
        store.counter(name: "c_total", help: "h", labels: ["b": "2", "a": "1"]).add(2)
        store.histogram(name: "d", help: "h", buckets: [1]).observe(1)
        store.histogram(name: "d", help: "h", buckets: [1, .infinity]).observe(1)
        #expect(
            MetricDirectoryReader.read(directory).lines == [
                #"c_total{a="1",b="2"} 3"#, #"d_bucket{le="1.0"} 2"#, #"d_bucket{le="+Inf"} 2"#, "d_sum 2", "d_count 2",
            ])
    }

    @Test func `ignores what would spoil a counter or a sum`() throws {
        let directory = try TemporaryDirectory()
        let store = MetricStore(directory)
        let counter = store.counter(name: "c", help: "h")
        let histogram = store.histogram(name: "d", help: "h", buckets: [1])
        for value in [-1, .nan, .infinity, -.infinity] as [Double] { counter.add(value) }
        for value in [.nan, .infinity, -.infinity] as [Double] { histogram.observe(value) }
        #expect(counter.value == 0)
        #expect(histogram.total == 0)
    }

    @Test func `keeps cells good while its file grows`() throws {
        let directory = try TemporaryDirectory()
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        let counters = (0..<3000).map { number in
            let counter = store.counter(name: "c", help: "h", labels: ["number": "\(number)"])
            counter.add(1)
            return counter
        }
        for counter in counters { counter.add(1) }
        let families = MetricDirectoryReader.read(directory).families
        #expect(families.first?.samples.count == 3000)
        #expect(families.first?.samples.allSatisfy { $0.value == 2 } == true)
        var status = stat()
        #expect(stat("\(directory.path)/counter_1.db", &status) == 0)
        #expect(status.st_size > 64 << 10)
        #expect(Int(status.st_blocks) * 512 >= Int(status.st_size), "the file has holes")
        #expect(complaints.all.isEmpty)
    }

    @Test func `takes over the file of its predecessor and goes on counting`() throws {
        let directory = try TemporaryDirectory()
        for round in 1...3 {
            let store = MetricStore(directory)
            let counter = store.counter(name: "c", help: "h")
            counter.add(2)
            #expect(counter.value == Double(round * 2))
            store.gauge(name: "g", help: "h", mode: .max).set(Double(round))
        }
        #expect(MetricDirectoryReader.read(directory).lines == ["c_total 6", "g 3"])
    }

    @Test func `leaves a file to the process that holds it`() throws {
        let directory = try TemporaryDirectory()
        let complaints = Complaints()
        let first = MetricStore(directory, "1", complaints)
        let second = MetricStore(directory, "1", complaints)
        first.counter(name: "c", help: "h").add(1)
        second.counter(name: "c", help: "h").add(2)
        #expect(directory.names == ["counter_1-\(getpid()).db", "counter_1.db"])
        #expect(MetricDirectoryReader.read(directory).lines == ["c_total 3"])
        #expect(complaints.all.isEmpty)
        let third = MetricStore(directory, "1", complaints)
        third.counter(name: "c", help: "h").add(4)
        #expect(MetricDirectoryReader.read(directory).lines == ["c_total 3"])
        #expect(complaints.all.count == 1)
        withExtendedLifetime((first, second, third)) {}
    }

    @Test(
        arguments: [
            [], [1], Array("not a metric file at all".utf8), metricFile([("k", 1)], used: -8),
            metricFile([("k", 1)], used: .max),
            Array(metricFile([("k", 1)]).dropLast(8)), [UInt8](repeating: 0xff, count: 70_000),
        ] as [[UInt8]])
    func `replaces a file that is garbage, and says so`(garbage: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        try directory.write(garbage, to: "counter_1.db")
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        store.counter(name: "c", help: "h").add(1)
        store.counter(name: "d", help: "h").add(1)
        #expect(MetricDirectoryReader.read(directory).lines == ["c_total 1", "d_total 1"])
        #expect(directory.names == ["counter_1.db"])
        #expect(complaints.all.count == 1)
        #expect(complaints.all.first?.contains("\(directory.path)/counter_1.db") == true)
        withExtendedLifetime(store) {}
    }

    @Test func `counts in private memory when its directory is missing, and says so once`() throws {
        let complaints = Complaints()
        let store = MetricStore(directory: "/nonexistent/metrics", identifier: "1") { complaints.add($0) }
        let counter = store.counter(name: "c", help: "h")
        counter.add(3)
        store.gauge(name: "g", help: "h").set(1)
        store.histogram(name: "d", help: "h", buckets: [1]).observe(1)
        #expect(counter.value == 3)
        #expect(store.counter(name: "c", help: "h").value == 3)
        let message = try #require(complaints.all.first)
        #expect(complaints.all.count == 1)
        #expect(message.contains("/nonexistent/metrics/counter_1.db"))
        #expect(message.contains("No such file or directory"))
        #expect(message.contains("PROMETHEUS_MULTIPROC_DIR"))
    }

    @Test func `touches nothing but a regular file`() throws {
        let directory = try TemporaryDirectory()
        mkfifo("\(directory.path)/counter_1.db", 0o600)
        symlink("/dev/null", "\(directory.path)/histogram_1.db")
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        store.counter(name: "c", help: "h").add(1)
        store.histogram(name: "d", help: "h", buckets: [1]).observe(1)
        #expect(complaints.all.count == 2)
        #expect(directory.names == ["counter_1.db", "histogram_1.db"])
    }

    @Test func `goes on in private memory when the file is full, and says so once`() throws {
        let directory = try TemporaryDirectory()
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints, fileLimit: 64 << 10)
        let counters = (0..<20_000).map { store.counter(name: "c", help: "h", labels: ["number": "\($0)"]) }
        for counter in counters { counter.add(1) }
        let shown = try #require(MetricDirectoryReader.read(directory).families.first).samples
        #expect(shown.count > 500 && shown.count < 2000)
        #expect(shown.allSatisfy { $0.value == 1 })
        #expect(counters[shown.count].value == 1)
        #expect(complaints.all.count == 1)
        #expect(complaints.all.first?.contains("counter_1.db") == true)
    }

    @Test(.enabled(if: TemporaryDirectory.canMount, "mounting a small file system needs CAP_SYS_ADMIN"))
    func `goes on in private memory when the disk is full, and says so once`() throws {
        let directory = try TemporaryDirectory()
        try directory.mountTemporaryFileSystem(size: 160 << 10)
        defer { directory.unmount() }
        let complaints = Complaints()
        let store = MetricStore(directory, "1", complaints)
        let counters = (0..<3000).map { store.counter(name: "c", help: "h", labels: ["number": "\($0)"]) }
        for counter in counters { counter.add(1) }
        store.gauge(name: "g", help: "h").set(1)
        let shown = try #require(MetricDirectoryReader.read(directory).families.first).samples
        #expect(shown.count > 1000 && shown.count < 3000)
        #expect(counters.allSatisfy { $0.value == 1 })
        #expect(complaints.all.count == 1)
        #expect(complaints.all.first?.contains("No space left on device") == true)
        #expect(directory.names == ["counter_1.db"])
    }

    @Test func `keeps names that Prometheus refuses out of its files`() throws {
        let directory = try TemporaryDirectory()
        let complaints = Complaints()
        let store = MetricStore(directory, "a_b/c", complaints)
        store.counter(name: "no good", help: "h").add(1)
        store.counter(name: "good", help: "h", labels: ["no-good": "1"]).add(1)
        store.counter(name: "good", help: "h", labels: ["label": "any \"text\"\n"]).add(1)
        #expect(
            MetricDirectoryReader.read(directory).lines == [
                #"good_total{label="any \"text\"\n"} 1"#, #"talon_metrics_series_dropped_total{reason="name"} 2"#,
            ])
        #expect(directory.names == ["counter_a-b-c.db"])
        #expect(complaints.all.count == 1)
    }
}
