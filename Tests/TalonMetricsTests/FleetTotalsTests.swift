import Testing

@testable import TalonMetrics

/// What tells a page's run.
private func counting(since: Double = 1) -> MetricFamily {
    let name = ServerFamilies.countingSince.name
    return MetricFamily(
        name: name, type: .gauge, help: "", samples: [Sample(name: name, value: since)], aggregation: .least)
}

/// One counter, one histogram with a bound of 1, and gauges of each mode.
private func page(
    _ instance: String, count: Double, fast: Double = 0, slow: Double = 0, gauge: Double = 0, labels: [Label] = [],
    since: Double? = 1
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
    if let since { families.append(counting(since: since)) }
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
        let all = totals.families(pages)
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
            try totals.families([page("a", count: 10, fast: 5), page("b", count: 1)]).values("c_total") == [11])
        #expect(
            try totals.families([page("a", count: 2, fast: 1), page("b", count: 1)]).values("c_total") == [13])
        let later = try totals.families([page("a", count: 3, fast: 2), page("b", count: 2)])
        #expect(later.values("c_total") == [15] && later.values("d_count") == [7])
    }

    @Test func `know a new run that has counted as much as the one before`() throws {
        var totals = FleetTotals()
        _ = try totals.families([page("a", count: 10, fast: 5, since: 100), page("b", count: 1)])
        let next = try totals.families([page("a", count: 11, fast: 5, since: 200.5), page("b", count: 2)])
        #expect(next.values("c_total") == [23] && next.values("d_count") == [10])
        // One that is not yet written, or is of an older server, says nothing.
        for since in [Double?.some(0), nil] {
            let same = try totals.families([page("a", count: 12, fast: 5, since: since), page("b", count: 2)])
            #expect(same.values("c_total") == [24])
        }
        let third = try totals.families([page("a", count: 12, fast: 5, since: 300), page("b", count: 2)])
        #expect(third.values("c_total") == [36])
    }

    @Test func `know series in whatever order, and each once on a page`() throws {
        func counters(_ instance: String, _ values: [(String, Double)]) throws -> InstancePage {
            let samples = values.map { Sample(name: "c_total", labels: [Label("l", $0.0)], value: $0.1) }
            let family = MetricFamily(name: "c_total", type: .counter, help: "", samples: samples)
            return try #require(
                InstancePage(instance: instance, bytes: ExpositionFormat.renderForFleet([family, counting()])))
        }
        var totals = FleetTotals()
        _ = try totals.families([counters("i", [("a", 1), ("b", 2), ("c", 3)])])
        // Another order, without one, with a new one, and one that has fallen.
        let all = try totals.families([counters("i", [("c", 4), ("x", 7), ("a", 0)])])
        #expect(all.values("c_total") == [1, 2, 4, 7])
        let again = try totals.families([counters("i", [("b", 3), ("b", 3), ("c", 5), ("a", 1)])])
        #expect(again.values("c_total") == [2, 3, 5, 7])
    }

    @Test func `count each run once, whichever of them is seen`() throws {
        var totals = FleetTotals()
        // The old server and the new one forward under one name for a while.
        let steps: [(count: Double, since: Double, sum: Double)] = [
            (1000, 100, 1000), (5, 200, 1005), (1010, 100, 1015), (8, 200, 1018), (1010, 100, 1018), (9, 200, 1019),
        ]
        for step in steps {
            let all = try totals.families([page("a", count: step.count, since: step.since)])
            #expect(all.values("c_total") == [step.sum])
        }
    }

    @Test func `have the last pages of runs that were not seen at their end`() throws {
        var totals = FleetTotals()
        _ = try totals.families([page("a", count: 10, since: 100)])
        let now = try [page("a", count: 1, fast: 1, since: 300)]
        // The end of the first run, one that nobody saw, and one that is there still, as it was earlier.
        let former = try [
            page("a", count: 14, fast: 2, gauge: 7, since: 100), page("a", count: 5, since: 200),
            page("a", count: 0, since: 300),
        ]
        let all = totals.families(now, former: former)
        #expect(all.values("c_total") == [20] && all.values("d_count") == [3] && all.values("g_sum") == [0])
        #expect(totals.families(now, former: former).values("c_total") == [20])
    }

    @Test func `keep what those that are gone have counted, and count those that come back once`() throws {
        var totals = FleetTotals()
        _ = try totals.families([page("a", count: 10, gauge: 3), page("b", count: 1, gauge: 4)])
        let without = try totals.families([page("b", count: 1, gauge: 4)])
        #expect(without.values("c_total") == [11] && without.values("g_sum") == [4])
        // It was cut off, and has counted on.
        #expect(try totals.families([page("a", count: 12), page("b", count: 1)]).values("c_total") == [13])
    }

    @Test func `are handed on, and nothing of them counts twice`() throws {
        var first = FleetTotals()
        #expect(first.changes().isEmpty)
        _ = try first.families(
            [page("a", count: 10, fast: 4, since: 100), page("b", count: 5, since: 100), page("c", count: 2)])
        #expect(first.changes().isEmpty)
        // One is gone, one has begun anew, and of one a series has fallen.
        _ = try first.families([page("b", count: 1, since: 200), page("c", count: 1)])
        let changes = first.changes()
        #expect(changes.runs.map(\.name) == ["a@100.0", "b@100.0"])
        #expect(changes.fallen.map(\.name) == ["c@1.0"] && changes.surplus.isEmpty)
        var second = FleetTotals()
        for run in changes.runs {
            second.recall(run, try #require(InstancePage(instance: "", bytes: first.page(of: run))))
        }
        for run in changes.fallen {
            second.recallFallen(run, try #require(InstancePage(instance: "", bytes: first.fallenPage(of: run))))
        }
        first.keep(changes)
        #expect(first.changes().isEmpty && second.changes().isEmpty)

        let now = try [page("b", count: 1, since: 200), page("c", count: 1)]
        for totals in [first.families(now), second.families(now)] {
            #expect(totals.values("c_total") == [19] && totals.values("d_bucket") == [4, 4])
        }
        // The one that was gone is there again.
        let all = try second.families(now + [page("a", count: 11, fast: 5, since: 100)])
        #expect(all.values("c_total") == [20] && all.values("d_count") == [5])
        // What another has kept of it, earlier or later.
        for (count, sum) in [(9.0, 20.0), (15.0, 24.0)] {
            second.recall(InstanceRun(instance: "a", since: 100), try page("", count: count))
            #expect(second.families(now).values("c_total") == [sum])
        }
        second.keepAnew()
        #expect(second.changes().runs.map(\.name) == ["a@100.0", "b@100.0"])
        #expect(second.changes().fallen.map(\.name) == ["c@1.0"])
        second.keepNothing()
        _ = second.families([])
        #expect(second.changes().isEmpty)
    }

    @Test func `wait for a page to tell its run`() throws {
        var totals = FleetTotals()
        for since in [Double?.some(0), nil] {
            let all = try totals.families([page("a", count: 3, gauge: 2, since: since)])
            #expect(all.values("c_total").isEmpty && all.values("g_sum") == [2])
        }
        #expect(try totals.families([page("a", count: 4, since: 100)]).values("c_total") == [4])
    }

    @Test func `take a page that is older than the last one for no new beginning`() throws {
        func page(_ count: Double, at time: Double) throws -> InstancePage {
            let values = [("c_total", MetricType.counter, count)]
            let gauges = [(ServerFamilies.countingSince.name, 100), (ServerFamilies.forwardedAt.name, time)]
            let families = (values + gauges.map { ($0.0, .gauge, $0.1) }).map { name, type, value in
                MetricFamily(name: name, type: type, help: "", samples: [Sample(name: name, value: value)])
            }
            return try #require(InstancePage(instance: "i", bytes: ExpositionFormat.renderForFleet(families)))
        }
        var totals = FleetTotals()
        // Redis goes back to what it had saved; then the series begins anew.
        let steps: [(Double, Double, Double)] = [
            (90, 10, 90), (100, 20, 100), (90, 10, 100), (110, 30, 110), (109.99999999999, 31, 110), (5, 40, 115),
        ]
        for (count, time, sum) in steps {
            #expect(try totals.families([page(count, at: time)]).values("c_total") == [sum])
        }
    }

    @Test func `keep what is no number out`() throws {
        var totals = FleetTotals()
        func page(_ instance: String, count: Double, sum: Double) throws -> InstancePage {
            let families = [
                MetricFamily(
                    name: "c_total", type: .counter, help: "", samples: [Sample(name: "c_total", value: count)]),
                MetricFamily(
                    name: "d", type: .histogram, help: "",
                    samples: [
                        Sample(name: "d_bucket", labels: [Label("le", "+Inf")], value: 2),
                        Sample(name: "d_sum", value: sum), Sample(name: "d_count", value: 2),
                    ]), counting(),
            ]
            return try #require(InstancePage(instance: instance, bytes: ExpositionFormat.renderForFleet(families)))
        }
        _ = try totals.families([page("a", count: 3, sum: 5), page("b", count: 4, sum: 7)])
        for odd in [Double.nan, .infinity, -.infinity] {
            let all = try totals.families([page("a", count: odd, sum: odd), page("b", count: 4, sum: 7)])
            #expect(all.values("c_total") == [7] && all.values("d_sum") == [12] && all.values("d_count") == [4])
        }
        let all = try totals.families([page("a", count: 5, sum: 6), page("c", count: .nan, sum: .nan)])
        #expect(all.values("c_total") == [9] && all.values("d_sum") == [13] && all.values("d_count") == [6])
    }

    @Test func `keep the latest runs apart, and the others as one`() throws {
        var totals = FleetTotals()
        let runs = FleetTotals.fewestAbsent + 2
        let former = try (1..<runs).map { try page("a", count: 1, since: Double($0)) }
        let now = try page("a", count: 1, since: Double(runs))
        _ = totals.families([now], former: former.dropLast())
        #expect(totals.changes().surplus.isEmpty)
        _ = totals.families([now], former: former.suffix(1))
        // The oldest are to be one.
        let surplus = totals.changes().surplus
        #expect(surplus.map(\.since).sorted() == (1...FleetTotals.fewestAbsent / 2 + 1).map(Double.init))
        totals.fold(surplus)
        #expect(totals.changes().surplus.isEmpty)
        #expect(totals.families([now]).values("c_total") == [Double(runs)])
    }

    @Test(arguments: [("a", 100.5), ("n/p@x", 2), ("@", 1)] as [(String, Double)])
    func `name a run so that it is found again`(instance: String, since: Double) {
        let run = InstanceRun(instance: instance, since: since)
        #expect(InstanceRun(name: run.name) == run)
        #expect(InstanceRun(name: instance) == nil || instance == "@")
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
            let now = try #require(totals.families(pages).values("c_total").first)
            #expect(now >= last)
            last = now
        }
    }

    @Test func `go on where the bounds of a histogram change within a run`() throws {
        func histogram(_ buckets: [(String, Double)]) throws -> InstancePage {
            let count = try #require(buckets.last?.1)
            let samples = buckets.map { Sample(name: "d_bucket", labels: [Label("le", $0.0)], value: $0.1) }
            let rest = [Sample(name: "d_sum", value: count / 2), Sample(name: "d_count", value: count)]
            let family = MetricFamily(name: "d", type: .histogram, help: "", samples: samples + rest)
            return try #require(
                InstancePage(instance: "i", bytes: ExpositionFormat.renderForFleet([family, counting()])))
        }
        var totals = FleetTotals()
        #expect(try totals.families([histogram([("1.0", 3), ("+Inf", 5)])]).values("d_count") == [5])
        let all = try totals.families([histogram([("1.0", 3), ("5.0", 4), ("+Inf", 6)])])
        #expect(all.values("d_count") == [6] && all.values("d_sum") == [3] && all.values("d_bucket") == [3, 4, 6])
        // Anew with the bounds of before: what all can tell is told.
        let anew = try totals.families([histogram([("1.0", 1), ("+Inf", 1)])])
        #expect(anew.values("d_count") == [7] && anew.values("d_sum") == [3.5] && anew.values("d_bucket") == [4, 7])
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
            InstancePage(instance: "z", bytes: ExpositionFormat.renderForFleet([other, counting()])))
        let gauges = try #require(
            InstancePage(instance: "y", bytes: ExpositionFormat.renderForFleet([gauge, counting()])))
        let all = try totals.families([page("a", count: 1, fast: 3), odd])
        #expect(all.values("d_count") == [11])
        _ = totals.families([gauges])
        // Bounds, values and labels of anybody's.
        let broken = try page("a", count: .nan, fast: -1, slow: .infinity)
        _ = totals.families([broken])
    }
}
