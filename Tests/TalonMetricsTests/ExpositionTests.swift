import Testing

@testable import TalonMetrics

@Suite struct `The text exposition` {
    private func text(_ families: [MetricFamily], excluding: Set<String> = []) -> String {
        String(decoding: TextExposition.render(families, excluding: excluding), as: UTF8.self)
    }

    @Test func `sorts families and labels, and escapes`() {
        let families = [
            MetricFamily(
                name: "b", type: .gauge, help: "A \"help\"\nwith \\",
                samples: [Sample(name: "b", labels: [Label("z", "\"\\\n"), Label("a", "ü")], value: .infinity)]),
            MetricFamily(name: "a", type: .counter, help: "", samples: [Sample(name: "a", value: 1)]),
            MetricFamily(name: "empty", type: .gauge, help: "h", samples: []),
        ]
        #expect(
            text(families) == """
                # HELP a_total \("")
                # TYPE a_total counter
                a_total 1
                # HELP b A "help"\\nwith \\\\
                # TYPE b gauge
                b{a="ü",z="\\"\\\\\\n"} +Inf

                """)
    }

    @Test func `leaves out families by name`() {
        let families = ["a", "b"].map {
            MetricFamily(name: $0, type: .gauge, help: "h", samples: [Sample(name: $0, value: 1)])
        }
        #expect(text(families, excluding: ["a"]) == "# HELP b h\n# TYPE b gauge\nb 1\n")
    }

    @Test func `shows a series once, with the value that came last`() {
        func family(_ type: MetricType, _ samples: [(String, Double)]) -> MetricFamily {
            MetricFamily(
                name: "a", type: type, help: "h",
                samples: samples.map { Sample(name: "a", labels: [Label("l", $0.0)], value: $0.1) })
        }
        let merged = MetricFamily.merge([
            family(.gauge, [("1", 1), ("2", 2)]), family(.counter, [("4", 4)]), family(.gauge, [("2", 20), ("3", 3)]),
        ])
        #expect(merged == [family(.gauge, [("1", 1), ("2", 20), ("3", 3)])])
    }
}
