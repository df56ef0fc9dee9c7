import TalonTesting
import Testing

@testable import TalonMetrics

/// Talon's page beside that of prometheus_client's own collector, over the same folder.
@Suite struct `The page` {
    private static let modes = GaugeMode.allCases.map(\.rawValue)

    /// Six processes with every type and every mode of gauge; some gauges are set by some processes only.
    private static let write = """
        import os, random
        import prometheus_client.values as v
        identifier = os.environ['IDENTIFIER']
        v.ValueClass = v.MultiProcessValue(lambda: identifier)
        from prometheus_client import Counter, Gauge, Histogram, Summary
        import prometheus_client.metrics as m
        m.values.ValueClass = v.ValueClass
        r = random.Random(int(identifier))
        counter = Counter('c', 'A counter', ['path', 'b'])
        histogram = Histogram('d_seconds', 'A histogram', ['w'], buckets=[0.1, 1, 60, 1048576])
        summary = Summary('s', 'A summary', ['w'])
        bare = Counter('bare', 'Never counted')
        for n in range(40):
            counter.labels(f'/{r.randrange(20)}"\\\\\\n', 'x').inc(r.random() * 10 ** r.randrange(9))
            histogram.labels(str(r.randrange(3))).observe(r.random() * 10 ** r.randrange(-3, 8))
            summary.labels(str(r.randrange(3))).observe(r.random() - 0.5)
        for mode in os.environ['MODES'].split():
            gauge = Gauge('g_' + mode, 'A gauge', ['z', 'a'], multiprocess_mode=mode)
            never = Gauge('never_' + mode, 'A gauge', multiprocess_mode=mode)
            for n in range(4):
                child = gauge.labels(str(n), 'x')
                if r.random() < 0.6:
                    child.set(r.choice([r.random() - 0.5, float(r.randrange(1000)), float('inf')]))

        """

    private static let read = """
        from prometheus_client import CollectorRegistry, multiprocess, generate_latest
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        print(generate_latest(registry).decode(), end='')

        """

    private func python(_ script: String, _ directory: TemporaryDirectory, _ identifier: Int = 0) throws -> String {
        let result = try run(
            TestEnvironment.python(), ["-c", script],
            environment: [
                "PROMETHEUS_MULTIPROC_DIR": directory.path, "IDENTIFIER": "\(identifier)",
                "MODES": Self.modes.joined(separator: " "),
            ])
        try #require(result.status == 0, "\(result.error)")
        return result.output
    }

    private func compare(_ one: [UInt8], _ other: String) throws -> CommandResult {
        let pages = try TemporaryDirectory()
        defer { withExtendedLifetime(pages) {} }
        try pages.write(one, to: "one")
        try pages.write(Array(other.utf8), to: "other")
        let tool = Repository.fixture("compare_expositions.py")
        return try run(TestEnvironment.python(), [tool, "\(pages.path)/one", "\(pages.path)/other"])
    }

    @Test func `is that of prometheus_client, sample by sample, in every type and mode of gauge`() throws {
        let directory = try TemporaryDirectory()
        for identifier in 1...6 { _ = try python(Self.write, directory, identifier) }
        let store = MetricStore(directory, "7")
        store.counter(name: "c", help: "A counter", labels: ["path": "/1", "b": "y"]).add(0.1)
        for mode in GaugeMode.allCases {
            store.gauge(name: "g_\(mode)", help: "A gauge", labels: ["z": "1", "a": "x"], mode: mode).set(7)
            _ = store.gauge(name: "g_\(mode)", help: "A gauge", labels: ["z": "2", "a": "x"], mode: mode)
        }
        let theirs = try python(Self.read, directory)
        var reader = MetricDirectoryReader(directory: directory.path)
        for _ in 0..<2 {
            let reading = reader.read()
            #expect(reading.problems.isEmpty)
            let comparison = try compare(TextExposition.render(reading.families), theirs)
            #expect(comparison.status == 0, "\(comparison.output)\(comparison.error)")
        }
        #expect(theirs.split(separator: "\n").count > 150)
        withExtendedLifetime(store) {}
    }

    @Test func `is that of prometheus_client after files have retired, too`() throws {
        let directory = try TemporaryDirectory()
        for identifier in 1...6 { _ = try python(Self.write, directory, identifier) }
        let before = try python(Self.read, directory)
        let retirement = Retirement(directory: directory.path, slots: 64)
        #expect(try retirement.run(isFree: { $0 != 6 }) > 5 * 3)
        let theirs = try python(Self.read, directory)
        let own = TextExposition.render(MetricDirectoryReader.read(directory).families)
        let comparison = try compare(own, theirs)
        #expect(comparison.status == 0, "\(comparison.output)\(comparison.error)")
        // What was there before is there still, but for gauges that end with their process.
        let differences = try compare(Array(before.utf8), theirs).output.split(separator: "\n")
        #expect(!differences.isEmpty)
        #expect(differences.allSatisfy { $0.contains("g_all") || $0.contains("_live") || $0.contains("_all") })
    }

    @Test func `that differs in a value, a label, a type or a help is told apart`() throws {
        let page = "# HELP a h\n# TYPE a gauge\na{l=\"1\"} 2\n"
        #expect(try compare(Array(page.utf8), page).status == 0)
        for other in [
            "# HELP a h\n# TYPE a gauge\na{l=\"1\"} 3\n", "# HELP a h\n# TYPE a gauge\na{l=\"2\"} 2\n",
            "# HELP a h\n# TYPE a counter\na{l=\"1\"} 2\n", "# HELP a i\n# TYPE a gauge\na{l=\"1\"} 2\n",
            "# HELP a h\n# TYPE a gauge\n", page + "b 1\n",
        ] {
            #expect(try compare(Array(page.utf8), other).status == 1, "\(other)")
        }
    }
}
