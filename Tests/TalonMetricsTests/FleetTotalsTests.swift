import Testing

@testable import TalonMetrics

private let hour = FleetTotals.patience

/// One counter, one histogram with a bound of 1, and gauges of each mode.
private func page(
    _ instance: String, count: Double, fast: Double = 0, slow: Double = 0, gauge: Double = 0, labels: [Label] = [],
    since: Double? = nil
) throws -> InstancePage {
    let observations = fast + slow
    var families = [
        MetricFamily(
            name: "c_total", type: .counter, help: "h", samples: [Sample(name: "c_total", labels: labels, value: count)]
        ),
        MetricFamily(
            name: "d", type: .histogram, help: "h",
            samples: [
                Sample(name: "d_bucket", labels: [Label("le", "1.0")], value: fast),
                Sample(name: "d_bucket", labels: [Label("le", "+Inf")], value: observations),
                Sample(name: "d_sum", value: fast / 2 + slow * 2), Sample(name: "d_count", value: observations),
            ]),
    ]
    let modes: [(String, GaugeMode.Aggregation?)] = [
        ("g_least", .least), ("g_greatest", .greatest), ("g_sum", .sum), ("g_recent", .mostRecent),
        ("g_each", .perProcess), ("g_live", nil),
    ]
    families += modes.map { name, mode in
        MetricFamily(
            name: name, type: .gauge, help: "", samples: [Sample(name: name, value: gauge)], aggregation: mode)
    }
    if let since {
        let name = ServerFamilies.countingSince.name
        families.append(
            MetricFamily(
                name: name, type: .gauge, help: "", samples: [Sample(name: name, value: since)], aggregation: .least))
    }
    return try #require(InstancePage(instance: instance, bytes: ExpositionFormat.renderForFleet(families)))
}

extension [MetricFamily] {
    fileprivate func values(_ name: String) -> [Double] { flatMap(\.samples).filter { $0.name == name }.map(\.value) }
}

@Suite struct `The totals of a fleet` {
    @Test func `are the sums of counters and histograms, and gauges by their mode`() throws {
        var totals = FleetTotals()
        let pages = [
            try page("b", count: 3, fast: 2, slow: 1, gauge: 5), try page("a", count: 4, fast: 1, slow: 0, gauge: -2),
            try page("c", count: 0, gauge: 1),
        ]
        let all = totals.families(pages, now: 0)
        #expect(all.values("c_total") == [7])
        #expect(all.values("d_bucket") == [3, 4] && all.values("d_count") == [4] && all.values("d_sum") == [3.5])
        #expect(all.values("g_least") == [-2] && all.values("g_greatest") == [5] && all.values("g_sum") == [4])
        #expect(all.values("g_recent") == [1])
        #expect(totals.gaugesOfInstances == ["g_each", "g_live"])
        #expect(all.values("g_each").isEmpty && all.values("g_live").isEmpty)
        let wanted = totals.gaugesOfInstances
        let each = String(decoding: FleetExposition(pages, where: { wanted.contains($0.name) }).text(), as: UTF8.self)
        for name in ["g_each", "g_live"] {
            for (instance, value) in [("a", "-2"), ("b", "5"), ("c", "1")] {
                #expect(each.contains("\n\(name){instance=\"\(instance)\"} \(value)\n"), "\(each)")
            }
        }
    }

    @Test func `do not fall when an instance starts anew`() throws {
        var totals = FleetTotals()
        #expect(
            try totals.families([page("a", count: 10, fast: 5), page("b", count: 1)], now: 0).values("c_total") == [11])
        #expect(
            try totals.families([page("a", count: 2, fast: 1), page("b", count: 1)], now: 1).values("c_total") == [13])
        #expect(totals.hasNewlyEnded)
        let later = try totals.families([page("a", count: 3, fast: 2), page("b", count: 2)], now: 2)
        #expect(later.values("c_total") == [15] && later.values("d_count") == [7])
    }

    @Test func `know a new run that has counted as much as the one before`() throws {
        var totals = FleetTotals()
        _ = try totals.families([page("a", count: 10, fast: 5, since: 100), page("b", count: 1)], now: 0)
        let next = try totals.families([page("a", count: 11, fast: 5, since: 200.5), page("b", count: 2)], now: 1)
        #expect(next.values("c_total") == [23] && next.values("d_count") == [10])
        // One that is not yet written, or is of an older server, says nothing.
        for since in [Double?.some(0), nil] {
            let same = try totals.families([page("a", count: 12, fast: 5, since: since), page("b", count: 2)], now: 2)
            #expect(same.values("c_total") == [24])
        }
        let third = try totals.families([page("a", count: 12, fast: 5, since: 300), page("b", count: 2)], now: 3)
        #expect(third.values("c_total") == [36])
    }

    @Test func `know series in whatever order, and each once on a page`() throws {
        func counters(_ instance: String, _ values: [(String, Double)]) throws -> InstancePage {
            let samples = values.map { Sample(name: "c_total", labels: [Label("l", $0.0)], value: $0.1) }
            let family = MetricFamily(name: "c_total", type: .counter, help: "", samples: samples)
            return try #require(InstancePage(instance: instance, bytes: ExpositionFormat.renderForFleet([family])))
        }
        var totals = FleetTotals()
        _ = try totals.families([counters("i", [("a", 1), ("b", 2), ("c", 3)])], now: 0)
        // Another order, without one, with a new one, and one that has fallen.
        let all = try totals.families([counters("i", [("c", 4), ("x", 7), ("a", 0)])], now: 1)
        #expect(all.values("c_total") == [1, 2, 4, 7])
        let again = try totals.families([counters("i", [("b", 3), ("b", 3), ("c", 5), ("a", 1)])], now: 2)
        #expect(again.values("c_total") == [2, 3, 5, 7])
    }

    @Test func `keep what those that are gone have counted, and count those that come back once`() throws {
        var totals = FleetTotals()
        _ = try totals.families([page("a", count: 10, gauge: 3), page("b", count: 1, gauge: 4)], now: 0)
        let without = try totals.families([page("b", count: 1, gauge: 4)], now: 1)
        #expect(without.values("c_total") == [11] && without.values("g_sum") == [4])
        // It was cut off, and has counted on.
        #expect(try totals.families([page("a", count: 12), page("b", count: 1)], now: 2).values("c_total") == [13])
        // Gone for so long that it is another one when it comes again.
        _ = try totals.families([page("b", count: 1)], now: hour + 3)
        #expect(
            try totals.families([page("a", count: 1), page("b", count: 1)], now: hour + 4).values("c_total") == [14])
    }

    @Test func `are handed on`() throws {
        var first = FleetTotals()
        _ = try first.families([page("a", count: 10, fast: 4), page("b", count: 1)], now: 0)
        _ = try first.families([page("a", count: 2, fast: 1)], now: 1)
        #expect(first.hasNewlyEnded)
        let kept = try #require(InstancePage(instance: "", bytes: first.endedPage()))
        #expect(!first.hasNewlyEnded)
        var second = FleetTotals(ended: kept)
        let all = try second.families([page("a", count: 3, fast: 2)], now: 5)
        #expect(all.values("c_total") == [14] && all.values("d_count") == [6] && all.values("d_bucket") == [6, 6])
        #expect(!second.hasNewlyEnded)
    }

    @Test func `never fall by a rounding`() throws {
        var totals = FleetTotals()
        var counts = [Double](repeating: 0.1, count: 20)
        var last = 0.0
        for turn in 0..<200 {
            counts[turn * 7 % 20] += turn % 3 == 0 ? 0 : 0.1 * Double(turn)
            let pages = try counts.enumerated().filter { $0.offset <= turn }.map {
                try page("i\($0.offset)", count: $0.element)
            }
            let now = try #require(totals.families(pages, now: UInt64(turn)).values("c_total").first)
            #expect(now >= last)
            last = now
        }
    }

    @Test func `leave out what cannot be added`() throws {
        var totals = FleetTotals()
        let gauge = MetricFamily(name: "c_total", type: .gauge, help: "", samples: [Sample(name: "c_total", value: 9)])
        let other = MetricFamily(
            name: "d", type: .histogram, help: "",
            samples: [
                Sample(name: "d_bucket", labels: [Label("le", "2.0")], value: 8),
                Sample(name: "d_bucket", labels: [Label("le", "+Inf")], value: 8), Sample(name: "d_count", value: 8),
            ])
        let odd = try #require(
            InstancePage(instance: "z", bytes: ExpositionFormat.renderForFleet([other])))
        let gauges = try #require(InstancePage(instance: "y", bytes: ExpositionFormat.renderForFleet([gauge])))
        let all = try totals.families([page("a", count: 1, fast: 3), odd], now: 0)
        #expect(all.values("d_count") == [3])
        _ = totals.families([gauges], now: 1)
        // Bounds, values and labels of anybody's.
        let broken = try page("a", count: .nan, fast: -1, slow: .infinity)
        _ = totals.families([broken], now: 2)
    }
}
