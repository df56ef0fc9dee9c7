import Testing

@testable import TalonMetrics

private func page(_ families: [MetricFamily], of instance: String = "i", since: Double? = nil) throws -> InstancePage {
    var all = families
    if let since {
        let name = ServerFamilies.countingSince.name
        all.append(
            MetricFamily(
                name: name, type: .gauge, help: "", samples: [Sample(name: name, value: since)], aggregation: .least))
    }
    return try #require(InstancePage(instance: instance, bytes: ExpositionFormat.renderForFleet(all)))
}

private func counter(_ labels: [[Label]] = [[]], name: String = "c_total", help: String = "") -> MetricFamily {
    MetricFamily(
        name: name, type: .counter, help: help, samples: labels.map { Sample(name: name, labels: $0, value: 1) })
}

/// `d`, with buckets of these bounds and counts, of which the last has all.
private func histogram(_ buckets: [(String, Double)], sum: Double = 0, labels: [Label] = []) -> MetricFamily {
    let samples = buckets.map { bound, count in
        Sample(name: "d_bucket", labels: labels + [Label("le", bound)], value: count)
    }
    let others = [
        Sample(name: "d_sum", labels: labels, value: sum),
        Sample(name: "d_count", labels: labels, value: buckets.last?.1 ?? 0),
    ]
    return MetricFamily(name: "d", type: .histogram, help: "", samples: samples + others)
}

extension SeriesCells {
    /// Those of all series of a page, in its order; nil: left out.
    fileprivate mutating func cells(of page: InstancePage) -> [Range<Int>?] {
        var found: [Range<Int>?] = []
        var value = SeriesValue()
        for family in page.families {
            var walk = self.walk(family)
            for range in family.metrics {
                guard let series = InstanceSeries(page.bytes, range, type: family.type), var way = walk else {
                    found.append(nil)
                    continue
                }
                value.read(page.bytes, series.value, type: family.type)
                found.append(cells(of: series, value, in: page, &way))
                walk = way
            }
        }
        return found
    }
}

extension [MetricFamily] {
    /// The samples of a name, as text has them.
    fileprivate func lines(_ name: String) -> [String] {
        flatMap(\.samples).filter { $0.name == name }.map { sample in
            sample.labels.map { "\($0.name)=\($0.value) " }.joined() + "\(sample.value)"
        }
    }
}

@Suite struct `The series of a fleet` {
    @Test func `have cells of their own for other bounds, the same ones each time`() throws {
        var table = SeriesCells()
        let one = try page([histogram([("1.0", 1), ("5.0", 2), ("+Inf", 3)])])
        let other = try page([histogram([("1.0", 1), ("10.0", 2), ("+Inf", 4)])])
        let short = try page([histogram([("+Inf", 4)])])
        for _ in 0..<2 {
            let cells = [one, other, short].flatMap { table.cells(of: $0) }
            #expect(cells == [0..<5, 5..<10, 10..<13])
        }
        #expect(table.count == 13)
        for cells in [0..<5, 5..<10, 10..<13] {
            #expect(table.alike(cells) == [0..<5, 5..<10, 10..<13] && table.first(cells) == 0..<5)
        }
    }

    @Test func `are followed in the order of each page, whatever bounds it has`() throws {
        var table = SeriesCells()
        func both(_ bounds: [(String, Double)]) throws -> InstancePage {
            let families = ["a", "b"].map { histogram(bounds, labels: [Label("l", $0)]) }
            return try page([
                MetricFamily(name: "d", type: .histogram, help: "", samples: families.flatMap(\.samples))
            ])
        }
        let (one, other) = try (both([("1.0", 0), ("+Inf", 0)]), both([("2.0", 0), ("+Inf", 0)]))
        for _ in 0..<2 {
            let cells = [one, other].flatMap { table.cells(of: $0) }
            #expect(cells == [0..<4, 4..<8, 8..<12, 12..<16])
        }
        #expect(table.alike(4..<8) == [4..<8, 12..<16] && table.first(12..<16) == 4..<8)
    }

    @Test func `are shown as one, with the buckets that all have who have counted`() throws {
        var table = SeriesCells()
        let label = [Label("l", "x")]
        _ = try table.cells(of: page([histogram([("1.0", 0), ("5.0", 0), ("+Inf", 0)], labels: label)]))
        _ = try table.cells(of: page([histogram([("1.0", 0), ("10.0", 0), ("+Inf", 0)], labels: label)]))
        let (one, other): ([Double], [Double]) = ([7, 2.5, 1, 2, 7], [4, 0.5, 3, 3, 4])
        let nothing = [Double](repeating: .nan, count: 5)
        let both = table.families(one + other)
        #expect(both.lines("d_bucket") == ["l=x le=1.0 4.0", "l=x le=+Inf 11.0"])
        #expect(both.lines("d_sum") == ["l=x 3.0"] && both.lines("d_count") == ["l=x 11.0"])
        for families in [table.families(one), table.families(one + nothing)] {
            #expect(families.lines("d_bucket") == ["l=x le=1.0 1.0", "l=x le=5.0 2.0", "l=x le=+Inf 7.0"])
            #expect(families.lines("d_sum") == ["l=x 2.5"] && families.lines("d_count") == ["l=x 7.0"])
        }
        let second = table.families(nothing + other)
        #expect(second.lines("d_bucket") == ["l=x le=1.0 3.0", "l=x le=10.0 3.0", "l=x le=+Inf 4.0"])
        #expect(table.families(nothing + nothing).isEmpty)
    }

    @Test func `are alone but for other bounds`() throws {
        var table = SeriesCells()
        let cells = try table.cells(of: page([counter([[Label("l", "x")], [Label("l", "y")]])]))
        #expect(cells == [0..<1, 1..<2])
        #expect(table.alike(0..<1).isEmpty && table.alike(1..<2).isEmpty && table.first(1..<2) == 1..<2)
    }

    @Test func `have bounds that rise`() throws {
        var table = SeriesCells()
        let bad: [[(String, Double)]] = [
            [("5.0", 1), ("1.0", 2)], [("1.0", 1), ("1.0", 2)], [("+Inf", 1), ("+Inf", 2)],
        ]
        for buckets in bad {
            let cells = try table.cells(of: page([histogram(buckets)]))
            #expect(cells == [nil])
        }
        #expect(table.count == 0)
    }

    @Test func `have a limit to their labels`() throws {
        var table = SeriesCells()
        func value(_ bytes: Int) -> [Label] { [Label("l", String(repeating: "x", count: bytes))] }
        let cells = try table.cells(of: page([counter([value(16_000), value(17_000), value(1)])]))
        #expect(cells == [0..<1, nil, 1..<2])
    }

    @Test func `have a limit to what all their texts take`() throws {
        var table = SeriesCells(room: 20_000)
        func value(_ number: Int) -> [Label] { [Label("l", "\(number)" + String(repeating: "x", count: 1000))] }
        let first = try page([counter([value(0), value(1)])])
        let before = table.cells(of: first)
        #expect(before == [0..<1, 1..<2])
        let more = try table.cells(of: page([counter((2..<100).map(value))]))
        #expect(more[0] == 2..<3 && more[97] == nil && table.count < 10)
        // What there is goes on.
        let after = table.cells(of: first)
        #expect(after == before)
    }

    @Test func `have a limit to their families, and to what is told of these`() throws {
        var table = SeriesCells(room: 20_000)
        let first = try page([counter(name: "first_total")])
        let before = table.cells(of: first)
        #expect(before == [0..<1])
        let help = String(repeating: "h", count: 30_000)
        let long = try table.cells(of: page([counter(name: "long_total", help: help)]))
        #expect(long == [nil] && !table.has("long_total"))
        let many = try table.cells(of: page((1000..<2000).map { counter(name: "c\($0)_total") }))
        #expect(many[0] == 1..<2 && many[999] == nil)
        #expect(table.has("c1000_total") && !table.has("c1999_total") && table.count < 100)
        let after = table.cells(of: first)
        #expect(after == before)
    }
}

@Suite struct `The labels of a series` {
    private func text(_ labels: [[Label]]) throws -> String {
        try String(decoding: FleetExposition([page([counter(labels)])]).text(), as: UTF8.self)
    }

    @Test func `have no name that is Prometheus' own`() throws {
        for name in ["__name__", "__address__", "__"] {
            let shown = try text([[Label(name, "x")], [Label("_a", "y")]])
            #expect(shown.contains(#"c_total{instance="i",_a="y"} 1"#) && !shown.contains("=\"x\""))
            var table = SeriesCells()
            let cells = try table.cells(of: page([counter([[Label(name, "x")], [Label("_a", "y")]])]))
            #expect(cells == [nil, 0..<1])
        }
    }

    @Test func `are not more than anybody has`() throws {
        func labels(_ count: Int) -> [Label] { (0..<count).map { Label("l\($0)", "") } }
        #expect(try text([labels(128)]).contains("l127="))
        #expect(try !text([labels(129)]).contains("{"))
        let huge = try page([counter([labels(40_000)])])
        let time = ContinuousClock().measure { _ = FleetExposition([huge]).text() }
        #expect(time < .seconds(1))
    }
}

@Suite struct `Totals of histograms whose bounds have changed` {
    private let five: [(String, Double)] = [("1.0", 1), ("5.0", 2), ("+Inf", 3)]
    private let ten: [(String, Double)] = [("1.0", 10), ("10.0", 20), ("+Inf", 40)]

    @Test func `have the buckets that all instances have, and all counts`() throws {
        var totals = FleetTotals()
        let old = try page([histogram(five, sum: 4)], of: "a", since: 100)
        let all = try totals.families([old, page([histogram(ten, sum: 60)], of: "b", since: 100)])
        #expect(all.lines("d_bucket") == ["le=1.0 11.0", "le=+Inf 43.0"])
        #expect(all.lines("d_sum") == ["64.0"] && all.lines("d_count") == ["43.0"])
        // The other one has the bounds of the first now; what it had counted before stays.
        let next = try totals.families([old, page([histogram(five, sum: 4)], of: "b", since: 200)])
        #expect(next.lines("d_bucket") == ["le=1.0 12.0", "le=+Inf 46.0"])
        #expect(next.lines("d_sum") == ["68.0"] && next.lines("d_count") == ["46.0"])
    }

    @Test func `go on`() throws {
        var totals = FleetTotals()
        for count in 1...3 {
            let number = Double(count)
            let pages = try [
                page([histogram([("1.0", number), ("+Inf", number)])], of: "a", since: 100),
                page([histogram([("2.0", number), ("+Inf", 2 * number)])], of: "b", since: 100),
            ]
            let all = totals.families(pages)
            #expect(all.lines("d_bucket") == ["le=+Inf \(3 * number)"])
        }
    }
}
