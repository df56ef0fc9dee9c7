/// The totals of a fleet: counters and histograms added exactly, gauges by their mode.
///
/// What a run of a server has counted stays in them when the next begins at 0, and when the server is gone. So each run
/// has a place of its own, to which its pages belong whenever they come: what is here twice, or late, counts once.
package struct FleetTotals {
    private var table = SeriesCells()
    private var gauges = FleetGauges()
    /// The latest counts of each run.
    private var runs: [InstanceRun: InstanceCounts] = [:]
    /// Those that were on the last pages.
    private var present: Set<InstanceRun> = []
    /// By instance: the run of its last page.
    private var current: [String: InstanceRun] = [:]
    /// What is of no run that is kept apart, by cells. NaN: nothing.
    private var ended: [Double] = []
    /// As it was shown last.
    private var shown: [Double] = []
    /// What the memory of others does not have yet; see ``changes``.
    private var unkept: Set<InstanceRun> = []
    private var folded: Set<InstanceRun> = []
    private var hasEndedMore = false
    private var isKept = true
    /// Pages, counted, and by first cells the last one that had the series.
    private var page = 0
    private var pages: [Int] = []
    private var value = SeriesValue()
    /// Scrapes, counted.
    private var scrape = 0
    /// How many runs there were at once, at most.
    private var mostPresent = 0

    /// So many runs that are over are kept apart, in case there is more of them; more if more are there at once.
    static let fewestAbsent = 1_000
    /// And so many numbers of theirs: pages are anybody's.
    static let mostNumbers = 16_000_000

    package init() {}

    /// The families now, but gauges of which each instance has its own. Pages in the order of their time; `former`: the
    /// last pages of runs that are over.
    package mutating func families(_ pages: [InstancePage], former: [InstancePage] = []) -> [MetricFamily] {
        scrape += 1
        gauges.begin()
        var seen: Set<InstanceRun> = []
        for page in pages { seen.insert(take(page)) }
        if isKept { unkept.formUnion(present.subtracting(seen).filter { runs[$0] != nil }) }
        for page in former {
            let run = InstanceRun(instance: page.instance, since: page.run)
            read(page, of: run, isFormer: true)
            if isKept, !seen.contains(run) { unkept.insert(run) }
        }
        present = seen
        mostPresent = max(mostPresent, seen.count)
        fold()
        var totals = ended
        totals.grow(to: table.count)
        // In one order, so that several exporters round alike.
        for (_, counts) in runs.sorted(by: { $0.key < $1.key }) { counts.add(to: &totals) }
        totals.keepUp(with: shown)
        shown = totals
        return table.families(totals) + gauges.families.filter { !table.has($0.name) }
    }

    /// Gauges on the last pages of which each instance has its own.
    package var gaugesOfInstances: Set<String> { gauges.ofInstances.filter { !table.has($0) } }

    /// Takes in what an instance shows now. A page that does not tell its run is of the one before.
    private mutating func take(_ page: InstancePage) -> InstanceRun {
        let last = current[page.instance]
        let run = InstanceRun(instance: page.instance, since: page.run ?? last?.since)
        if let last, last.since == nil, run != last, runs[run] == nil {
            // Now it tells.
            runs[run] = runs.removeValue(forKey: last)
        }
        current[page.instance] = run
        read(page, of: run, isFormer: false)
        return run
    }

    /// Takes in the counts of a page.
    private mutating func read(_ page: InstancePage, of run: InstanceRun, isFormer: Bool) {
        self.page += 1
        let former = runs.removeValue(forKey: run) ?? InstanceCounts()
        var before = InstanceCounts.Reader(former)
        var counts = InstanceCounts()
        counts.seen = scrape
        counts.time = max(former.time, page.time ?? 0)
        // Also where Redis has gone back to what it had saved.
        let isOlder = isFormer || page.time.map { $0 < former.time } ?? false
        for family in page.families {
            guard family.type != .gauge else {
                if !isFormer { gauges.add(family, of: page) }
                continue
            }
            guard var walk = table.walk(family) else { continue }
            for range in family.metrics {
                guard let series = InstanceSeries(page.bytes, range, type: family.type) else { continue }
                value.read(page.bytes, series.value, type: family.type)
                guard value.isCount, let cells = table.cells(of: series, value, in: page, &walk),
                    isFirst(table.first(cells))
                else { continue }
                let old = latest(cells, in: &before)
                value.mendSum(old?.numbers)
                if let old, let count = old.numbers.first, value.numbers[0] < count {
                    // On an older page it is only older.
                    if isOlder || value.numbers[0].isRounded(from: count) {
                        counts.append(old.cells, old.numbers)
                        continue
                    }
                    // It has begun anew, as Prometheus has it.
                    end(old.cells, old.numbers)
                }
                counts.append(cells, value.numbers)
            }
        }
        before.rest(to: &counts)
        runs[run] = counts
    }

    /// What the run had of this series, which may have had other bounds then.
    private func latest(
        _ cells: Range<Int>, in before: inout InstanceCounts.Reader
    ) -> (cells: Range<Int>, numbers: ArraySlice<Double>)? {
        if let numbers = before.take(cells) { return (cells, numbers) }
        for other in table.alike(cells) where other != cells {
            if let numbers = before.take(other) { return (other, numbers) }
        }
        return nil
    }

    /// Whether no series before it on the page was the same one.
    private mutating func isFirst(_ cells: Range<Int>) -> Bool {
        if pages.count < table.count { pages += Array(repeating: 0, count: table.count - pages.count) }
        defer { pages[cells.lowerBound] = page }
        return pages[cells.lowerBound] != page
    }

    private mutating func end(_ cells: Range<Int>, _ numbers: ArraySlice<Double>) {
        var counts = InstanceCounts()
        counts.append(cells, numbers)
        end(counts)
    }

    private mutating func end(_ counts: InstanceCounts) {
        ended.grow(to: table.count)
        counts.add(to: &ended)
        hasEndedMore = isKept
    }

    /// Of runs that are over the oldest become one sum when they are too many: half of them, so that it happens seldom.
    private mutating func fold() {
        guard runs.count > present.count else { return }
        var absent = runs.filter { !present.contains($0.key) }
        var size = absent.values.reduce(0) { $0 + $1.size }
        let limit = max(FleetTotals.fewestAbsent, 2 * mostPresent)
        guard absent.count > limit || size > FleetTotals.mostNumbers else { return }
        let oldest = absent.sorted {
            ($0.value.seen, $0.key.since ?? 0, $0.key.instance) < ($1.value.seen, $1.key.since ?? 0, $1.key.instance)
        }
        for (run, counts) in oldest {
            guard absent.count > limit / 2 || size > FleetTotals.mostNumbers / 2 else { break }
            end(counts)
            size -= counts.size
            absent[run] = nil
            runs[run] = nil
            if current[run.instance] == run { current[run.instance] = nil }
            unkept.remove(run)
            if isKept { folded.insert(run) }
        }
    }
}

/// What is kept elsewhere, for this exporter when it is started anew, and for others.
extension FleetTotals {
    /// What the memory lacks.
    package struct Changes {
        /// Runs that are over.
        package let runs: [InstanceRun]
        /// Runs that are in the sum of the others now.
        package let folded: [InstanceRun]
        /// Whether that sum is another one.
        package let hasEndedMore: Bool

        package var isEmpty: Bool { runs.isEmpty && !hasEndedMore }
    }

    /// What it lacks now; of runs no more than are soon written: the others come next.
    package var changes: Changes {
        // Each is a row of all cells.
        let limit = min(256, max(1, 4_000_000 / max(table.count, 1)))
        return Changes(runs: Array(unkept.sorted().prefix(limit)), folded: Array(folded), hasEndedMore: hasEndedMore)
    }

    /// It has them.
    package mutating func keep(_ changes: Changes) {
        unkept.subtract(changes.runs)
        folded.subtract(changes.folded)
        if changes.hasEndedMore { hasEndedMore = false }
    }

    /// It has lost all that it had.
    package mutating func keepAnew() {
        unkept = Set(runs.keys).subtracting(present)
        hasEndedMore = !ended.isEmpty
    }

    /// There is no memory for it.
    package mutating func keepNothing() {
        (isKept, hasEndedMore, unkept, folded) = (false, false, [], [])
    }

    /// The counts of a run, as the memory has them.
    package func page(of run: InstanceRun) -> [UInt8] {
        var row: [Double] = []
        row.grow(to: table.count)
        runs[run]?.add(to: &row)
        return rendered(row)
    }

    /// The sum of those that are not kept apart.
    package var endedPage: [UInt8] { rendered(ended) }

    private func rendered(_ row: [Double]) -> [UInt8] { ProtobufExposition.render(table.families(row)) }

    /// Takes in what the memory has of a run.
    package mutating func recall(_ run: InstanceRun, _ page: InstancePage) { read(page, of: run, isFormer: true) }

    /// Takes in the sum of those that are not kept apart, before anything else.
    package mutating func recallEnded(_ page: InstancePage) {
        let nobody = InstanceRun(instance: "", since: nil)
        read(page, of: nobody, isFormer: true)
        ended.grow(to: table.count)
        runs.removeValue(forKey: nobody)?.add(to: &ended)
    }
}

extension Double {
    /// Whether it is what a sum of fractions may become when they are added in another order. For Prometheus a counter that
    /// falls by its last bit has begun anew.
    fileprivate func isRounded(from former: Double) -> Bool { self < former && self > former * (1 - 1e-9) }
}

extension [Double] {
    /// With NaN, which is nothing.
    mutating func grow(to count: Int) {
        if self.count < count { append(contentsOf: repeatElement(.nan, count: count - self.count)) }
    }

    /// Shows those as before that are only rounded otherwise, as when another instance comes between.
    fileprivate mutating func keepUp(with former: [Double]) {
        for cell in indices.prefix(former.count) where self[cell].isRounded(from: former[cell]) {
            self[cell] = former[cell]
        }
    }
}
