/// The totals of a fleet: counters and histograms added exactly, gauges by their mode.
///
/// What a server has counted stays in them when it starts anew at 0, and when it is gone. That takes a memory: of each
/// instance the latest counts, and what former runs came to.
package struct FleetTotals {
    private var table = SeriesCells()
    /// By instance.
    private var latest: [String: Counts] = [:]
    /// What former runs have counted, by cells.
    private var ended: [Double] = []
    /// As it was shown last.
    private var shown: [Double] = []
    /// Instances that are in ``latest`` and not on the last pages.
    private var gone: Set<String> = []
    /// Whether ``endedPage()`` is another than it was.
    package private(set) var hasNewlyEnded = false

    private struct Counts {
        /// By cells; NaN: never seen.
        var cells: [Double] = []
        var seen: UInt64 = 0
    }

    /// So long the counts of an instance that is gone are kept apart, in case it goes on; nanoseconds.
    static let patience: UInt64 = 3600 * 1_000_000_000

    /// `page`: what another exporter, or this one before it was started anew, has kept of former runs.
    package init(ended page: InstancePage? = nil) {
        guard let page else { return }
        var counts = Counts()
        var gauges = FleetGauges()
        read(page, into: &counts, &gauges)
        end(counts.cells.indices, of: counts)
        hasNewlyEnded = false
    }

    /// The families now. Pages in the order of their time; `now`: a clock that does not go back, nanoseconds.
    package mutating func families(_ pages: [InstancePage], now: UInt64) -> [MetricFamily] {
        var gauges = FleetGauges()
        for page in pages {
            var counts = latest.removeValue(forKey: page.instance) ?? Counts()
            counts.seen = now
            read(page, into: &counts, &gauges)
            latest[page.instance] = counts
        }
        for (instance, counts) in latest where now - counts.seen > Self.patience {
            end(counts.cells.indices, of: counts)
            latest[instance] = nil
        }
        let absent = Set(latest.keys).subtracting(pages.map(\.instance))
        if absent != gone { hasNewlyEnded = true }
        gone = absent
        var totals = ended
        // In one order, so that several exporters round alike.
        for (_, counts) in latest.sorted(by: { $0.key < $1.key }) { totals.add(counts.cells, counts.cells.indices) }
        totals.keepUp(with: shown)
        shown = totals
        return table.families(totals) + gauges.families
    }

    /// Takes in a page: the counts of a series that have fallen are those of another run.
    private mutating func read(_ page: InstancePage, into counts: inout Counts, _ gauges: inout FleetGauges) {
        var series = InstanceSeries()
        for family in page.families {
            for range in family.metrics where series.read(page.bytes, range, type: family.type) {
                guard let place = series.value else { continue }
                let value = SeriesValue(page.bytes, place, type: family.type)
                guard family.type != .gauge else {
                    gauges.add(value.value, series.labels, range, of: family, in: page)
                    continue
                }
                guard let cells = table.cells(of: series.labels, range, value, family, page) else { continue }
                counts.cells.grow(to: table.count)
                ended.grow(to: table.count)
                let former = counts.cells[cells.lowerBound]
                if former > value.main { end(cells, of: counts) }
                table.store(value, at: cells, in: &counts.cells)
            }
        }
    }

    private mutating func end(_ cells: Range<Int>, of counts: Counts) {
        ended.grow(to: table.count)
        ended.add(counts.cells, cells)
        hasNewlyEnded = true
    }

    /// What former runs and instances that are gone came to, for whoever comes after.
    package mutating func endedPage() -> [UInt8] {
        hasNewlyEnded = false
        var all = ended
        for instance in gone {
            if let counts = latest[instance] { all.add(counts.cells, counts.cells.indices) }
        }
        return ProtobufExposition.render(table.families(all))
    }
}

extension [Double] {
    fileprivate mutating func grow(to count: Int) {
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

    /// Adds what there is of these cells.
    fileprivate mutating func add(_ others: [Double], _ cells: Range<Int>) {
        grow(to: others.count)
        for cell in cells where !others[cell].isNaN {
            self[cell] = self[cell].isNaN ? others[cell] : self[cell] + others[cell]
        }
    }
}
