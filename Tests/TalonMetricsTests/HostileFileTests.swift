import Testing

@testable import TalonMetrics

@Suite struct `A hostile metric file` {
    private static let names = ["counter_7.db", "histogram_7.db", "summary_7.db", "gauge_all_7.db", "gauge_max_7.db"]

    /// Reads the bytes under every type, first cold and then over what was learned from a good file.
    private func survives(_ bytes: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        MetricStore(directory, "1").counter(name: "good", help: "h").add(1)
        var reader = MetricDirectoryReader(directory: directory.path)
        for name in Self.names { try directory.write(Self.valid, to: name) }
        _ = reader.read()
        for name in Self.names { try directory.write(bytes, to: name) }
        #expect(reader.read().lines.contains("good_total 1"))
        #expect(MetricDirectoryReader.read(directory).lines.contains("good_total 1"))
        let store = MetricStore(directory, "7")
        store.counter(name: "mine", help: "h").add(1)
        #expect(reader.read().lines.contains("mine_total 1"))
        withExtendedLifetime(store) {}
    }

    private static let valid = metricFile([
        (#"["a", "a_bucket", {"le": "1.0"}, "h"]"#, 1), (#"["a", "a_sum", {}, "h"]"#, 2), (#"["a", "a", {}, "h"]"#, 3),
    ])

    @Test func `cut at any byte does no harm`() throws {
        for length in 0..<Self.valid.count { try survives(Array(Self.valid.prefix(length))) }
    }

    @Test(
        arguments: [
            metricFile([("k", 1)], used: .max), metricFile([("k", 1)], used: .min), metricFile([("k", 1)], used: 9),
            metricFile([("k", 1)], used: 4), metricFile([("k", 1)], used: 268_435_456),
            [16, 0, 0, 0, 0, 0, 0, 0] + [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            [32, 0, 0, 0, 0, 0, 0, 0] + [0xff, 0xff, 0xff, 0x7f] + [UInt8](repeating: 0, count: 20),
            [32, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0x80] + [UInt8](repeating: 0, count: 20),
            [32, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0] + [UInt8](repeating: 0, count: 20),
        ] as [[UInt8]])
    func `with impossible lengths does no harm`(bytes: [UInt8]) throws {
        try survives(bytes)
    }

    @Test func `with keys that make no sense does no harm`() throws {
        try survives(
            metricFile([
                (#"["a", "a_bucket", {"le": "one"}, "h"]"#, 1), (#"["a", "a_bucket", {}, "h"]"#, 1),
                (#"["a", "a_bucket", {"le": "nan"}, "h"]"#, 1), (#"["a", "b", {}, "h"]"#, 1),
                (#"["", "", {}, "h"]"#, 1), (#"["a\nb 1", "a\nb 1", {}, "h"]"#, 1),
                (#"["a", "a", {"": "x"}, "h"]"#, 1), (#"["a", "a", {"b\"} 1\n": "x"}, "h"]"#, 1),
                (#"["a", "a", {"pid": "x", "le": "y"}, "h"]"#, .nan), ("\u{0}", 1),
                (#"["x", "x_bucket", {"le": "1e999"}, "h"]"#, -.infinity),
                (#"["x", "x_bucket", {"le": "0x1p3"}, "h"]"#, 1),
            ]))
    }

    @Test(arguments: 0..<150 as Range<UInt64>) func `of random bytes does no harm`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var bytes = (0..<Int.random(in: 0...4096, using: &generator)).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        // Every second one gets past the header.
        if seed % 2 == 0, bytes.count >= 8 {
            let used = Int32(bytes.count / 8 * 8)
            bytes.replaceSubrange(0..<4, with: withUnsafeBytes(of: used) { Array($0) })
        }
        try survives(bytes)
    }

    @Test(arguments: 0..<150 as Range<UInt64>) func `with single bytes changed does no harm`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var bytes = Self.valid
        for _ in 0...(seed % 4) {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
        }
        try survives(bytes)
    }
}
