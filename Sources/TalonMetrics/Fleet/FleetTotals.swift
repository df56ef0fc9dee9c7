/// The totals of a fleet: counters and histograms added exactly, gauges by their mode.
///
/// What a server has counted stays in them when it starts anew at 0, and when it is gone. That takes a memory: of each
/// instance the latest counts, and what former runs came to.
package struct FleetTotals {
    private var table = SeriesCells()
    private var gauges = FleetGauges()
    /// By instance.
    private var latest: [String: InstanceCounts] = [:]
    /// What former runs have counted, by cells. NaN: nothing.
    private var ended: [Double] = []
    /// As it was shown last.
    private var shown: [Double] = []
    /// Instances that are in ``latest`` and not on the last pages.
    private var gone: Set<String> = []
    /// Pages, counted, and by first cells the last one that had the series.
    private var page = 0
    private var pages: [Int] = []
    private var value = SeriesValue()
    /// Whether ``endedPage()`` is another than it was.
    package private(set) var hasNewlyEnded = false

    /// So long the counts of an instance that is gone are kept apart, in case it goes on; nanoseconds.
    static let patience: UInt64 = 3600 * 1_000_000_000

    /// `page`: what another exporter, or this one before it was started anew, has kept of former runs.
    package init(ended page: InstancePage? = nil) {
        guard let page else { return }
        let counts = read(page, after: InstanceCounts())
        end(counts)
        hasNewlyEnded = false
    }

    /// The families now, but gauges of which each instance has its own. Pages in the order of their time; `now`: a clock
    /// that does not go back, nanoseconds.
    package mutating func families(_ pages: [InstancePage], now: UInt64) -> [MetricFamily] {
        gauges.begin()
        for page in pages {
            let former = latest.removeValue(forKey: page.instance) ?? InstanceCounts()
            latest[page.instance] = read(page, after: former)
            latest[page.instance]?.seen = now
        }
        for (instance, counts) in latest where now - counts.seen > Self.patience {
            end(counts)
            latest[instance] = nil
        }
        let absent = Set(latest.keys).subtracting(pages.map(\.instance))
        if absent != gone { hasNewlyEnded = true }
        gone = absent
        var totals = ended
        totals.grow(to: table.count)
        // In one order, so that several exporters round alike.
        for (_, counts) in latest.sorted(by: { $0.key < $1.key }) { counts.add(to: &totals) }
        totals.keepUp(with: shown)
        shown = totals
        return table.families(totals) + gauges.families.filter { !table.has($0.name) }
    }

    /// Gauges on the last pages of which each instance has its own.
    package var gaugesOfInstances: Set<String> { gauges.ofInstances.filter { !table.has($0) } }

    /// Takes in a page of an instance of which `former` was known. All counts are of another run if the page says so; else
    /// those of a series that have fallen are.
    private mutating func read(_ page: InstancePage, after former: InstanceCounts) -> InstanceCounts {
        self.page += 1
        var known = former
        if let run = page.run, let old = former.run, run != old {
            end(former)
            known = InstanceCounts()
        }
        var before = InstanceCounts.Reader(known)
        var counts = InstanceCounts()
        counts.run = page.run ?? former.run
        for family in page.families {
            guard family.type != .gauge else {
                gauges.add(family, of: page)
                continue
            }
            guard var walk = table.walk(family) else { continue }
            for range in family.metrics {
                guard let series = InstanceSeries(page.bytes, range, type: family.type) else { continue }
                value.read(page.bytes, series.value, type: family.type)
                guard let cells = table.cells(of: series, value, in: page, &walk), isFirst(cells) else { continue }
                if let old = before.take(cells), let count = old.first, count > value.numbers[0] {
                    var fallen = InstanceCounts()
                    fallen.append(cells, old)
                    end(fallen)
                }
                counts.append(cells, value.numbers)
            }
        }
        before.rest(to: &counts)
        return counts
    }

    /// Whether no series before it on the page was the same one.
    private mutating func isFirst(_ cells: Range<Int>) -> Bool {
        if pages.count < table.count { pages += Array(repeating: 0, count: table.count - pages.count) }
        defer { pages[cells.lowerBound] = page }
        return pages[cells.lowerBound] != page
    }

    private mutating func end(_ counts: InstanceCounts) {
        ended.grow(to: table.count)
        counts.add(to: &ended)
        hasNewlyEnded = true
    }

    /// What former runs and instances that are gone came to, for whoever comes after.
    package mutating func endedPage() -> [UInt8] {
        hasNewlyEnded = false
        var all = ended
        all.grow(to: table.count)
        for instance in gone { latest[instance]?.add(to: &all) }
        return ProtobufExposition.render(table.families(all))
    }
}

extension [Double] {
    /// With NaN, which is nothing.
    mutating func grow(to count: Int) {
        if self.count < count { append(contentsOf: repeatElement(.nan, count: count - self.count)) }
    }

    /// Fractions are rounded otherwise when another instance comes between; a counter that falls by its last bit has
    /// begun anew, for Prometheus.
    fileprivate mutating func keepUp(with former: [Double]) {
        for cell in indices.prefix(former.count)
        where self[cell] < former[cell] && self[cell] > former[cell] * (1 - 1e-9) {
            self[cell] = former[cell]
        }
    }
}
