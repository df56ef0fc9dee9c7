import Glibc
import Testing

@testable import TalonMetrics

@Suite struct `prometheus_client in Python` {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let write = """
        import os
        import prometheus_client.values as v
        v.ValueClass = v.MultiProcessValue(lambda: os.environ['IDENTIFIER'])
        from prometheus_client import Counter, Gauge, Histogram, Summary
        import prometheus_client.metrics as m
        m.values.ValueClass = v.ValueClass
        Counter('c', 'A counter', ['path', 'b']).labels('/ü\\n"\\\\😀', '2').inc(3)
        for mode in ['all', 'min', 'max', 'sum', 'mostrecent', 'livesum']:
            Gauge('g_' + mode, 'A gauge', ['z', 'a'], multiprocess_mode=mode).labels('1', '2').set(7)
        h = Histogram('d_seconds', 'A histogram', ['w'], buckets=[0.1, 1, 60, 1048576]).labels('x')
        for n in [0.05, 0.5, 50, 5e6]:
            h.observe(n)
        Summary('s', 'A summary').observe(4)

        """

    private static let read = """
        from prometheus_client import CollectorRegistry, multiprocess, generate_latest
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        print(generate_latest(registry).decode(), end='')

        """

    private func writeTheSame(_ identifier: String) -> MetricStore {
        let store = MetricStore(directory, identifier)
        store.counter(name: "c", help: "A counter", labels: ["path": "/ü\n\"\\😀", "b": "2"]).add(3)
        for mode in [GaugeMode.all, .min, .max, .sum, .mostrecent, .livesum] {
            store.gauge(name: "g_\(mode)", help: "A gauge", labels: ["z": "1", "a": "2"], mode: mode).set(7)
        }
        let histogram = store.histogram(
            name: "d_seconds", help: "A histogram", labels: ["w": "x"], buckets: [0.1, 1, 60, 1_048_576])
        for value in [0.05, 0.5, 50, 5e6] { histogram.observe(value) }
        return store
    }

    /// The samples of an exposition with their values as numbers, for Python writes `3.0` where Go writes `3`.
    private func samples(_ text: String) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let space = try #require(line.lastIndex(of: " "))
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }

    @Test func `reads what Talon writes, and both show the same`() throws {
        let stores = [writeTheSame("1"), writeTheSame("2")]
        let python = try samples(Program.python(Self.read, directory: directory.path))
        let own = try samples(MetricDirectoryReader.read(directory).lines.joined(separator: "\n"))
        #expect(python == own)
        #expect(own[#"d_seconds_bucket{le="1.048576e+06",w="x"}"#] == 6)
        #expect(own[#"g_sum{a="2",z="1"}"#] == 14)
        withExtendedLifetime(stores) {}
    }

    @Test func `writes what Talon reads, and both show the same`() throws {
        _ = try Program.python(Self.write, directory: directory.path, identifier: "8")
        let python = try samples(Program.python(Self.write + Self.read, directory: directory.path))
        let reading = MetricDirectoryReader.read(directory)
        let own = try samples(reading.lines.joined(separator: "\n"))
        #expect(reading.problems.isEmpty)
        #expect(python == own)
        #expect(own["s_sum"] == 8)
        #expect(own[#"c_total{b="2",path="/ü\n\"\\😀"}"#] == 6)
    }

    @Test func `goes on in a file that Talon wrote, to the byte`() throws {
        withExtendedLifetime(writeTheSame("9")) {}
        let before = try directory.bytes(of: "histogram_9.db").prefix(4)
        _ = try Program.python(Self.write, directory: directory.path)
        #expect(try directory.bytes(of: "histogram_9.db").prefix(4) == before, "Python added keys of its own")
        let own = try samples(MetricDirectoryReader.read(directory).lines.joined(separator: "\n"))
        #expect(own[#"c_total{b="2",path="/ü\n\"\\😀"}"#] == 6)
        #expect(own[#"d_seconds_count{w="x"}"#] == 8)
    }

    @Test func `leaves files that Talon goes on in`() throws {
        _ = try Program.python(Self.write, directory: directory.path)
        let before = try directory.bytes(of: "histogram_9.db").prefix(4)
        let store = writeTheSame("9")
        #expect(try directory.bytes(of: "histogram_9.db").prefix(4) == before, "Talon added keys of its own")
        let own = try samples(MetricDirectoryReader.read(directory).lines.joined(separator: "\n"))
        #expect(own[#"c_total{b="2",path="/ü\n\"\\😀"}"#] == 6)
        #expect(own[#"d_seconds_count{w="x"}"#] == 8)
        withExtendedLifetime(store) {}
    }

    @Test func `writes bounds and numbers as Talon does`() throws {
        var generator = SeededGenerator(state: 7)
        var values = [0, 1, 1e5, 999_999, 1e6, 123_456_789.5, 1e15, 1e16, 1e21, 1e-4, 1e-5, 1e-300]
        for _ in 0..<2000 { values.append(Double(bitPattern: generator.next()).magnitude) }
        for _ in 0..<2000 { values.append(Double(Int64(bitPattern: generator.next() >> 11))) }
        values = values.filter(\.isFinite)
        let script = """
            import struct
            from prometheus_client.utils import floatToGoString
            for n in [\(values.map { String($0.bitPattern) }.joined(separator: ","))]:
                print(floatToGoString(struct.unpack('d', struct.pack('Q', n))[0]))
            """
        let python = try Program.python(script, directory: directory.path).split(separator: "\n").map(String.init)
        #expect(python == values.map(FloatFormat.bound))
    }
}

@Suite struct `promtool` {
    @Test func `accepts the exposition`() throws {
        let directory = try TemporaryDirectory()
        let stores = ["1", "2"].map { MetricStore(directory, $0) }
        for store in stores {
            store.counter(name: "talon_requests_total", help: "Requests", labels: ["path": "/\"\\\n😀"]).add(1e9)
            store.gauge(name: "talon_memory_bytes", help: "Memory \\ of\nworkers", mode: .liveall).set(24_875_008)
            store.gauge(name: "talon_temperature_celsius", help: "Temperature", mode: .min).set(-.infinity)
            store.histogram(name: "talon_duration_seconds", help: "Duration", buckets: [0.1, 1e6]).observe(2e7)
        }
        let summary = [
            (#"["talon_size_bytes", "talon_size_bytes_sum", {}, "Size"]"#, 3.0),
            (#"["talon_size_bytes", "talon_size_bytes_count", {}, "Size"]"#, 2.0),
        ]
        try directory.write(metricFile(summary), to: "summary_1.db")
        let text = TextExposition.render(MetricDirectoryReader.read(directory).families)
        // On the PATH of `make test`, where it need not be installed.
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let run = try Program.run(
            "/usr/bin/env", ["promtool", "check", "metrics"], input: text, environment: ["PATH": path])
        #expect(run.status == 0, "\(run.output)\n\(String(decoding: text, as: UTF8.self))")
        #expect(run.output == "")
        withExtendedLifetime(stores) {}
    }
}
