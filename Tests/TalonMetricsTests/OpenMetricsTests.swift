import Testing

@testable import TalonMetrics

@Suite struct `The OpenMetrics exposition` {
    private func family(_ name: String, _ type: MetricType, _ samples: [Sample], help: String = "h") -> MetricFamily {
        MetricFamily(name: name, type: type, help: help, samples: samples)
    }

    private func one(_ name: String, _ type: MetricType, _ value: Double = 1) -> MetricFamily {
        family(name, type, [Sample(name: name, value: value)])
    }

    private func histogram(_ name: String, _ counts: [(String, Double)], sum: Double) -> MetricFamily {
        let buckets = counts.map { Sample(name: name + "_bucket", labels: [Label("le", $0.0)], value: $0.1) }
        let rest = [Sample(name: name + "_sum", value: sum), Sample(name: name + "_count", value: counts.last?.1 ?? 0)]
        return family(name, .histogram, buckets + rest)
    }

    private func text(_ families: [MetricFamily]) -> String {
        String(decoding: ExpositionFormat.openMetrics.render(families), as: UTF8.self)
    }

    /// The lines, if Python's parser, which is strict, accepts them.
    private func accepted(_ families: [MetricFamily]) throws -> [String] {
        let directory = try TemporaryDirectory()
        let text = text(families)
        try directory.write(Array(text.utf8), to: "openmetrics")
        let parse = """
            import os
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            path = os.environ['PROMETHEUS_MULTIPROC_DIR'] + '/openmetrics'
            list(text_string_to_metric_families(open(path, newline='').read()))
            """
        _ = try Program.python(parse, directory: directory.path)
        return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("# HELP") }
    }

    @Test func `names families as the format does, and shows exemplars and creation times`() throws {
        let exemplar = ObservedExemplar(
            Exemplar(
                traceHigh: 0x4bf9_2f35_77b3_4da6, traceLow: 0xa3ce_929d_0e0e_4736, span: 0xf0_67aa_0ba9_02b7,
                time: 1_700_000_000.25), value: 0.7)
        let families = [
            family(
                "c_total", .counter,
                [
                    Sample(
                        name: "c_total", labels: [Label("z", "\"\\\n"), Label("a", "ü")], value: 1e9,
                        details: SampleDetails(created: 1_699_999_999))
                ], help: "A \"help\"\nwith \\"),
            family(
                "d_seconds", .histogram,
                [
                    Sample(
                        name: "d_seconds_bucket", labels: [Label("le", "1.0")], value: 1,
                        details: SampleDetails(exemplar: exemplar)),
                    Sample(name: "d_seconds_bucket", labels: [Label("le", "+Inf")], value: 2),
                    Sample(name: "d_seconds_sum", value: 7.7),
                    Sample(name: "d_seconds_count", value: 2, details: SampleDetails(created: 0.5)),
                ]),
            family("t_info", .info, [Sample(name: "t_info", labels: [Label("version", "1")], value: 1)], help: ""),
        ]
        #expect(
            text(families) == #"""
                # HELP c A \"help\"\nwith \\
                # TYPE c counter
                c_total{a="ü",z="\"\\\n"} 1e+09
                c_created{a="ü",z="\"\\\n"} 1699999999.000
                # HELP d_seconds h
                # TYPE d_seconds histogram
                d_seconds_bucket{le="1.0"} 1 # {span_id="00f067aa0ba902b7",trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.7 1700000000.250
                d_seconds_bucket{le="+Inf"} 2
                d_seconds_sum 7.7
                d_seconds_count 2
                d_seconds_created 0.500
                # TYPE t info
                t_info{version="1"} 1
                # EOF

                """#)
        _ = try accepted(families)
    }

    @Test func `of nothing is valid too`() throws {
        #expect(try accepted([]) == ["# EOF"])
    }

    @Test func `lets no two families have one name`() throws {
        let families = [
            one("x", .gauge), one("x_total", .counter, 2),
            one("y_created", .gauge, 3), one("y_total", .counter, 4),
            histogram("z", [("+Inf", 1)], sum: 1), one("z_count", .gauge, 5), one("z_sum_total", .counter, 6),
            one("w_info", .info), one("w", .gauge, 7), one("no_suffix", .info),
        ]
        #expect(
            try accepted(families) == [
                "# TYPE no_suffix unknown", "no_suffix 1", "# TYPE w gauge", "w 7", "# TYPE w_info unknown", "w_info 1",
                "# TYPE x gauge", "x 1", "# TYPE x_total unknown", "x_total 2",
                "# TYPE y_created gauge", "y_created 3", "# TYPE y_total unknown", "y_total 4",
                "# TYPE z histogram", #"z_bucket{le="+Inf"} 1"#, "z_sum 1", "z_count 1",
                "# TYPE z_sum_total unknown", "z_sum_total 6", "# EOF",
            ])
    }

    @Test(arguments: [-1, -.infinity, .nan] as [Double])
    func `calls a counter of no possible value unknown`(value: Double) throws {
        #expect(try accepted([one("c_total", .counter, value)]).first == "# TYPE c_total unknown")
        #expect(try accepted([one("v_info", .info, value)]).first == "# TYPE v_info unknown")
    }

    @Test(
        arguments: [
            [("1.0", 2), ("+Inf", 1)], [("1.0", 1)], [("1.0", 0.5), ("+Inf", 1)], [("1.0", -1), ("+Inf", 1)],
            [("1.0", .nan), ("+Inf", 1)], [("+Inf", .infinity)], [],
        ] as [[(String, Double)]])
    func `calls a histogram of impossible counts unknown`(counts: [(String, Double)]) throws {
        let lines = try accepted([histogram("d", counts, sum: 1)])
        #expect(!lines.contains("# TYPE d histogram"))
        #expect(lines.contains("# TYPE d_sum unknown"))
    }

    @Test(
        arguments: [
            ([("-1.0", 1), ("+Inf", 1)], 1), ([("1.0", 1), ("+Inf", 1)], -3), ([("+Inf", 1)], .nan),
        ] as [([(String, Double)], Double)])
    func `shows no sum of a histogram that can fall`(counts: [(String, Double)], sum: Double) throws {
        let lines = try accepted([histogram("d", counts, sum: sum)])
        #expect(lines.contains("# TYPE d histogram"))
        #expect(lines.contains(#"d_bucket{le="+Inf"} 1"#))
        #expect(!lines.contains { $0.hasPrefix("d_sum") || $0.hasPrefix("d_count") })
    }

    @Test func `shows no sum of a summary that can fall`() throws {
        let samples = [Sample(name: "s_sum", value: -1), Sample(name: "s_count", value: 2)]
        #expect(try accepted([family("s", .summary, samples)]) == ["# TYPE s summary", "s_count 2", "# EOF"])
    }

    @Test func `of whatever families is accepted by a strict parser`() throws {
        let directory = try TemporaryDirectory()
        var generator = SeededGenerator(state: 17)
        for number in 0..<300 {
            var families: [MetricFamily] = []
            for name in ["x", "x_total", "x_created", "x_info", "x_bucket", "x_sum", "x_count", "x_total_total"] {
                guard Bool.random(using: &generator) else { continue }
                families.append(Self.anyFamily(name, &generator))
            }
            let bytes = ExpositionFormat.openMetrics.render(families)
            try directory.write(bytes, to: "\(number)")
        }
        let parse = """
            import os
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            for number in range(300):
                content = open(os.environ['PROMETHEUS_MULTIPROC_DIR'] + '/%d' % number, newline='').read()
                try:
                    print(sum(len(metric.samples) for metric in text_string_to_metric_families(content)))
                except Exception as error:
                    raise SystemExit('%s in\\n%s' % (error, content))
            """
        let counts = try Program.python(parse, directory: directory.path).split(separator: "\n").compactMap { Int($0) }
        #expect(counts.count == 300)
        #expect(counts.reduce(0, +) > 1000)
    }

    private static func anyFamily(_ name: String, _ generator: inout SeededGenerator) -> MetricFamily {
        let types: [MetricType] = [.counter, .gauge, .histogram, .summary, .info]
        let type = types[Int.random(in: types.indices, using: &generator)]
        let values = [0, 1, 1, 1, 2, 3, -1, 0.5, .nan, .infinity, -.infinity, -0.0]
        func value() -> Double {
            values[Int.random(in: 0..<(Bool.random(using: &generator) ? 6 : 12), using: &generator)]
        }
        var samples: [Sample] = []
        for label in ["", "a"].prefix(Int.random(in: 1...2, using: &generator)) {
            let labels = label.isEmpty ? [] : [Label("l", label)]
            switch type {
            case .counter, .gauge, .info: samples.append(Sample(name: name, labels: labels, value: value()))
            case .summary, .histogram:
                for bound in ["-1.0", "1.0", "+Inf"] where type == .histogram && Bool.random(using: &generator) {
                    let labels = labels + [Label("le", bound)]
                    samples.append(Sample(name: name + "_bucket", labels: labels, value: value()))
                }
                samples.append(Sample(name: name + "_sum", labels: labels, value: value()))
                samples.append(Sample(name: name + "_count", labels: labels, value: value()))
            }
        }
        return MetricFamily(name: name, type: type, help: "", samples: samples)
    }
}
