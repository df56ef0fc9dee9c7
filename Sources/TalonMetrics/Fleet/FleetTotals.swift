/// The totals of a fleet: counters and histograms added exactly, gauges by their mode.
///
/// What a run of a server has counted stays in them when the next begins at 0, and when the server is gone. So each run
/// has a place of its own, to which its pages belong whenever they come: what is here twice, or late, counts once.
package struct FleetTotals {
    private var table = SeriesCells()
    private var gauges = FleetGauges()
    /// The latest counts of each run.
    private var runs: [InstanceRun: InstanceCounts] = [:]
    /// Of those with series that have fallen.
    private var fallen: [InstanceRun: FallenCounts] = [:]
    /// Those that were on the last pages, and those that were on the ones before and are no more.
    private var present: Set<InstanceRun> = []
    private var leaving: Set<InstanceRun> = []
    /// By instance: the run of its last page.
    private var current: [String: InstanceRun] = [:]
    /// The sum of runs that are not kept apart, by cells. NaN: nothing.
    private var ended: [Double] = []
    /// As it was shown last.
    private var shown: [Double] = []
    /// What the memory of all exporters does not have yet; see ``changes``.
    private var unkept: Set<InstanceRun> = []
    private var unkeptFallen: Set<InstanceRun> = []
    /// Whether there is such a memory.
    private var isKept = true
    /// Pages, counted, and by first cells the last one that had the series.
    private var page = 0
    private var pages: [Int] = []
    private var value = SeriesValue()
    /// Scrapes, counted.
    private var scrape = 0
    /// How many runs that are over are kept apart, and how many numbers of theirs: twice as many as ever were there at
    /// once, for a whole fleet may be away for a while.
    private var mostAbsent = FleetTotals.fewestAbsent
    private var mostNumbers = FleetTotals.fewestNumbers

    /// So many at least.
    static let fewestAbsent = 1_000
    static let fewestNumbers = 4_000_000

    package init() {}

    /// The families now, but gauges of which each instance has its own. Pages in the order of their time; `former`: the
    /// last pages of runs that are over.
    package mutating func families(_ pages: [InstancePage], former: [InstancePage] = []) -> [MetricFamily] {
        scrape += 1
        gauges.begin()
        var seen: Set<InstanceRun> = []
        for page in pages {
            for family in page.families where family.type == .gauge { gauges.add(family, of: page) }
            // One that does not tell its run is of the one before.
            guard let since = page.run ?? current[page.instance]?.since else { continue }
            let run = InstanceRun(instance: page.instance, since: since)
            current[page.instance] = run
            read(page, of: run, isFormer: false)
            seen.insert(run)
        }
        leaving = present.subtracting(seen).filter { runs[$0] != nil }
        present = seen
        makeRoom(for: seen.count, seen.reduce(0) { $0 + (runs[$1]?.size ?? 0) })
        var over = leaving
        for page in former {
            guard let since = page.run else { continue }
            let run = InstanceRun(instance: page.instance, since: since)
            read(page, of: run, isFormer: true)
            over.insert(run)
        }
        if isKept {
            unkept = unkept.union(over).subtracting(seen)
        } else {
            fold(surplus(of: absent))
        }
        var totals = ended
        totals.grow(to: table.count)
        // In one order, so that several exporters round alike.
        for (_, counts) in runs.sorted(by: { $0.key < $1.key }) { counts.add(to: &totals) }
        for (_, counts) in fallen.sorted(by: { $0.key < $1.key }) { counts.add(to: &totals) }
        totals.keepUp(with: shown)
        shown = totals
        return table.families(totals) + gauges.families.filter { !table.has($0.name) }
    }

    /// Gauges on the last pages of which each instance has its own.
    package var gaugesOfInstances: Set<String> { gauges.ofInstances.filter { !table.has($0) } }

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
        for family in page.families where family.type != .gauge {
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
                    fallen[run, default: FallenCounts()].add(old.cells, old.numbers)
                    if isKept { unkeptFallen.insert(run) }
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

    /// Those that are over.
    private var absent: [InstanceRun: InstanceCounts] { runs.filter { !present.contains($0.key) } }

    private mutating func makeRoom(for count: Int, _ numbers: Int) {
        mostAbsent = max(mostAbsent, 2 * count)
        mostNumbers = max(mostNumbers, 2 * numbers)
    }

    /// The oldest of those that are over, if they are too many: half of them, so that it happens seldom.
    private func surplus(of absent: [InstanceRun: InstanceCounts]) -> [InstanceRun] {
        guard isTooMuch(absent) else { return [] }
        var (count, size) = (absent.count, absent.size)
        let oldest = absent.sorted {
            ($0.value.seen, $0.key.since, $0.key.instance) < ($1.value.seen, $1.key.since, $1.key.instance)
        }
        return oldest.prefix { _, counts in
            guard count > mostAbsent / 2 || size > mostNumbers / 2 else { return false }
            (count, size) = (count - 1, size - counts.size)
            return true
        }.map(\.key)
    }

    private func isTooMuch(_ absent: [InstanceRun: InstanceCounts], by factor: Int = 1) -> Bool {
        absent.count > factor * mostAbsent || absent.size > factor * mostNumbers
    }

    /// They are kept apart no more.
    package mutating func fold(_ surplus: [InstanceRun]) {
        for run in surplus {
            ended.grow(to: table.count)
            runs.removeValue(forKey: run)?.add(to: &ended)
            fallen.removeValue(forKey: run)?.add(to: &ended)
            if current[run.instance] == run { current[run.instance] = nil }
            unkept.remove(run)
            unkeptFallen.remove(run)
        }
    }
}

/// What is kept elsewhere, for this exporter when it is started anew, and for others.
extension FleetTotals {
    /// What the memory lacks.
    package struct Changes {
        /// Runs that are over.
        package let runs: [InstanceRun]
        /// Runs of which more has fallen.
        package let fallen: [InstanceRun]
        /// Runs that are to be kept apart no more; see ``fold(_:)``.
        package let surplus: [InstanceRun]

        package var isEmpty: Bool { runs.isEmpty && fallen.isEmpty && surplus.isEmpty }
    }

    /// What it lacks now; of runs no more than are soon written, the others come next, unless it lacks everything.
    package func changes(isAnew: Bool = false) -> Changes {
        guard isKept else { return Changes(runs: [], fallen: [], surplus: []) }
        let surplus = self.surplus(of: absent)
        let folded = Set(surplus)
        // Each is a row of all cells.
        let limit = isAnew ? .max : min(256, max(1, 4_000_000 / max(table.count, 1)))
        func some(_ runs: Set<InstanceRun>) -> [InstanceRun] { Array(runs.subtracting(folded).sorted().prefix(limit)) }
        return Changes(runs: some(unkept), fallen: some(unkeptFallen), surplus: surplus)
    }

    /// It has them.
    package mutating func keep(_ changes: Changes) {
        unkept.subtract(changes.runs)
        unkeptFallen.subtract(changes.fallen)
    }

    /// It has lost all that it had.
    package mutating func keepAnew() {
        unkept = Set(absent.keys)
        unkeptFallen = Set(fallen.keys)
    }

    /// There is no memory for it.
    package mutating func keepNothing() {
        (isKept, unkept, unkeptFallen) = (false, [], [])
    }

    /// The memory has not taken it: no more waits for it than there is room for.
    package mutating func relieve() {
        if isTooMuch(absent, by: 2) { keepNothing() }
    }

    /// Whether it is on the last pages.
    package func isPresent(_ run: InstanceRun) -> Bool { present.contains(run) }

    /// What the memory is to have of a run.
    package func page(of run: InstanceRun) -> [UInt8] { rendered { runs[run]?.add(to: &$0) } }

    /// What it is to have of what has fallen of it.
    package func fallenPage(of run: InstanceRun) -> [UInt8] { rendered { fallen[run]?.add(to: &$0) } }

    /// The sum of those that are not kept apart.
    package var endedPage: [UInt8] { rendered { $0 = ended } }

    private func rendered(_ fill: (inout [Double]) -> Void) -> [UInt8] {
        var row: [Double] = []
        row.grow(to: table.count)
        fill(&row)
        return ProtobufExposition.render(table.families(row))
    }

    /// Takes in what the memory has of a run: the greater counts stay.
    package mutating func recall(_ run: InstanceRun, _ page: InstancePage) {
        read(page, of: run, isFormer: true)
    }

    /// All that the memory has was recalled: it may be a whole fleet that is away.
    package mutating func settle() { makeRoom(for: (runs.count + 1) / 2, (absent.size + 1) / 2) }

    /// Takes in what it has of what has fallen of a run.
    package mutating func recallFallen(_ run: InstanceRun, _ page: InstancePage) {
        fallen[run, default: FallenCounts()].merge(self.counts(page))
        if runs[run] == nil { runs[run] = InstanceCounts() }
    }

    /// Takes in the sum of those that are not kept apart, before anything else.
    package mutating func recallEnded(_ page: InstancePage) {
        let counts = self.counts(page)
        ended.grow(to: table.count)
        counts.add(to: &ended)
    }

    private mutating func counts(_ page: InstancePage) -> InstanceCounts {
        let nobody = InstanceRun(instance: "", since: 0)
        read(page, of: nobody, isFormer: true)
        return runs.removeValue(forKey: nobody) ?? InstanceCounts()
    }

    /// Takes over, after what the memory has, what may not be in it of totals that went before.
    package mutating func adopt(_ former: FleetTotals) {
        for run in former.leaving.union(former.present.filter { former.fallen[$0] != nil }) {
            if let page = InstancePage(instance: run.instance, bytes: former.page(of: run)) { recall(run, page) }
            guard former.fallen[run] != nil else { continue }
            if let page = InstancePage(instance: run.instance, bytes: former.fallenPage(of: run)) {
                recallFallen(run, page)
                unkeptFallen.insert(run)
            }
        }
        unkept.formUnion(former.leaving)
        present = former.present
        current = former.current.filter { former.present.contains($0.value) }
        mostAbsent = max(mostAbsent, former.mostAbsent)
        mostNumbers = max(mostNumbers, former.mostNumbers)
    }
}

extension [InstanceRun: InstanceCounts] {
    fileprivate var size: Int { values.reduce(0) { $0 + $1.size } }
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
