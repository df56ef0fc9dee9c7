import Testing

@testable import TalonMetrics

private func page(_ instance: String, _ families: [MetricFamily]) throws -> InstancePage {
    try #require(InstancePage(instance: instance, bytes: ExpositionFormat.protobuf.render(families)))
}

private func counter(_ name: String, _ value: Double) -> MetricFamily { counter(name, [], value) }

private func counter(_ name: String, _ labels: [Label], _ value: Double) -> MetricFamily {
    MetricFamily(name: name, type: .counter, help: "h", samples: [Sample(name: name, labels: labels, value: value)])
}

private func text(_ pages: [InstancePage], names: Set<String> = []) -> String {
    String(decoding: FleetExposition(pages) { $0.isAmong(names) }.text(), as: UTF8.self)
}

@Suite struct `The page of a fleet` {
    @Test func `has all series of all instances, told apart by a label`() throws {
        let histogram = MetricFamily(
            name: "d_seconds", type: .histogram, help: "takes\nlong",
            samples: [
                Sample(name: "d_seconds_bucket", labels: [Label("a", "x"), Label("le", "0.5")], value: 2),
                Sample(name: "d_seconds_bucket", labels: [Label("a", "x"), Label("le", "+Inf")], value: 3),
                Sample(name: "d_seconds_sum", labels: [Label("a", "x")], value: 1.5),
                Sample(name: "d_seconds_count", labels: [Label("a", "x")], value: 3),
            ])
        let summary = MetricFamily(
            name: "s", type: .summary, help: "",
            samples: [Sample(name: "s_sum", value: 7.25), Sample(name: "s_count", value: 2)])
        let gauge = MetricFamily(
            name: "g", type: .gauge, help: "h",
            samples: [Sample(name: "g", labels: [Label("b", "1"), Label("a", "q\"\\\n")], value: -0.5)])
        let pages = try [
            page("web-2", [counter("c_total", 4), histogram]), page("web-1", [counter("c_total", 3), gauge, summary]),
        ]
        #expect(
            text(pages) == """
                # HELP c_total h
                # TYPE c_total counter
                c_total{instance="web-2"} 4
                c_total{instance="web-1"} 3
                # HELP d_seconds takes\\nlong
                # TYPE d_seconds histogram
                d_seconds_bucket{instance="web-2",a="x",le="0.5"} 2
                d_seconds_bucket{instance="web-2",a="x",le="+Inf"} 3
                d_seconds_count{instance="web-2",a="x"} 3
                d_seconds_sum{instance="web-2",a="x"} 1.5
                # HELP g h
                # TYPE g gauge
                g{instance="web-1",a="q\\"\\\\\\n",b="1"} -0.5
                # HELP s\u{20}
                # TYPE s summary
                s_count{instance="web-1"} 2
                s_sum{instance="web-1"} 7.25

                """)
    }

    @Test func `may be asked for some families`() throws {
        let pages = try [page("a", [counter("x_total", 1), counter("y_total", 2)])]
        #expect(text(pages, names: ["x"]).contains("x_total{") && !text(pages, names: ["x"]).contains("y_total"))
        #expect(text(pages, names: ["y_total"]).contains("y_total{") && text(pages, names: ["z"]).isEmpty)
        #expect(FleetExposition(pages) { _ in false }.text().isEmpty)
    }

    @Test func `calls a label of the application's as Prometheus does, and escapes an instance's name`() throws {
        let pages = try [page("a\"b\n", [counter("c_total", [Label("instance", "mine")], 1)])]
        #expect(text(pages).contains(#"c_total{instance="a\"b\n",exported_instance="mine"} 1"#))
        let both = try page("a", [counter("c_total", [Label("instance", "mine"), Label("exported_instance", "x")], 1)])
        #expect(
            text([both]).contains(
                #"c_total{instance="a",exported_instance="x",exported_exported_instance="mine"} 1"#))
    }

    @Test func `has one type of a name: the first`() throws {
        let gauge = MetricFamily(name: "c_total", type: .gauge, help: "", samples: [Sample(name: "c_total", value: 9)])
        let all = try text([page("a", [counter("c_total", 1)]), page("b", [gauge]), page("c", [counter("c_total", 2)])])
        #expect(all.contains(#"{instance="a"} 1"#) && all.contains(#"{instance="c"} 2"#) && !all.contains(" 9\n"))
    }

    @Test func `shows what a page alone shows`() throws {
        let families = [
            counter("c_total", [Label("a", "1")], 0.1), counter("e_total", 1e21), counter("f_total", 123_456_789),
        ]
        let alone = String(decoding: TextExposition.render(families), as: UTF8.self)
        let fleet = try text([page("i", families)]).replacing(#"instance="i","#, with: "").replacing(
            #"{instance="i"}"#, with: "")
        #expect(fleet == alone)
    }
}

@Suite struct `Bytes that are to be a page` {
    @Test func `are anybody's`() throws {
        let whole = ExpositionFormat.protobuf.render([
            counter("a_total", [Label("b", "c")], 1), counter("d_total", [Label("b", "c"), Label("e", "f")], 2),
        ])
        // Cut anywhere, and changed anywhere: shown in part, or refused, and never a fault.
        var shown = 0
        for end in whole.indices {
            if let page = InstancePage(instance: "i", bytes: Array(whole[..<end])) {
                _ = FleetExposition([page]).text()
                shown += 1
            }
        }
        #expect(shown == 2, "only at the borders of families")
        for index in whole.indices {
            for value: UInt8 in [0, 0x7f, 0x80, 0xff, whole[index] &+ 1] {
                var bytes = whole
                bytes[index] = value
                guard let page = InstancePage(instance: "i", bytes: bytes) else { continue }
                let lines = String(decoding: FleetExposition([page]).text(), as: UTF8.self).split(separator: "\n")
                #expect(lines.allSatisfy { $0.hasPrefix("# ") || $0.contains(#"{instance="i""#) })
            }
        }
    }

    @Test func `leave out what Prometheus would refuse`() throws {
        let bad = MetricFamily(name: "no name", type: .gauge, help: "", samples: [Sample(name: "no name", value: 1)])
        let label = counter("x_total", [Label("no-label", "v")], 1)
        #expect(try text([page("i", [bad, counter("good_total", 1)])]).contains("good_total"))
        #expect(try !text([page("i", [bad, label])]).contains("{"))
        let twice = counter("x_total", [Label("a", "1"), Label("a", "2")], 1)
        #expect(try !text([page("i", [twice])]).contains("{"))
        #expect(InstancePage(instance: "i", bytes: Array("HTTP/1.1 200 OK".utf8)) == nil)
    }
}
