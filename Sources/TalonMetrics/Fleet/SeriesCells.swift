/// Which series a fleet has, and where the numbers of each are in a row of cells, in the order of ``SeriesValue``.
///
/// Servers are alike: of most series the one that follows is known from the last page, and is found by its bytes.
/// Buckets of other bounds cannot be added to those before: labels that come with others have a series more, with cells
/// of its own, so that nothing is lost. What all of them can tell is joined where it is shown.
struct SeriesCells {
    fileprivate struct Family {
        let name: String
        let type: MetricType
        let help: String
        /// In the order of their first page.
        var series: [Series] = []
        /// By the text of their labels, where the first that has them is in ``series``.
        var places: [[UInt8]: Int] = [:]
        /// Where those are that have the labels of one before.
        var variants: [Variant: Int] = [:]
    }

    fileprivate struct Series {
        let labels: [Label]
        let cells: Range<Int>
        let bounds: [Double]
        /// The labels as its first page had them.
        let bytes: [UInt8]
        /// Where the first with these labels is, if this is another.
        let first: Int?
        /// Of the first: where the others are.
        var others: [Int] = []
    }

    /// What tells series with the same labels apart.
    fileprivate struct Variant: Hashable {
        let first: Int
        let bounds: [Double]
    }

    /// The series with the same labels that are shown, as one.
    fileprivate struct Alike {
        let first: Series
        let others: ArraySlice<Series>

        init?(_ all: [Series]) {
            guard let first = all.first else { return nil }
            self.first = first
            others = all.dropFirst()
        }
    }

    /// A way through the series of one family, in the order in which a page has them.
    struct Walk {
        fileprivate let family: Int
        fileprivate var next = 0
    }

    /// Beyond, new series are left out: what is in Redis must not fill the memory.
    private static let limit = 2_000_000
    /// Bytes of a series' labels, at most. Nobody could read more of them, and they would be kept for ever.
    private static let longest = 16 << 10
    /// About so many bytes a series or family takes beside its texts.
    private static let overhead = 256

    /// Bytes of names, helps and labels that may be kept. Beyond, new series and families are left out.
    private let room: Int
    /// How many are.
    private var kept = 0
    private var families: [Family] = []
    private var numbers: [String: Int] = [:]
    private var labels = SeriesLabels()
    /// By first cells, of the series whose labels others have too: the first of them.
    private var owners: [Int: (family: Int, first: Int)] = [:]
    /// How many cells there are.
    private(set) var count = 0

    init(room: Int = 256 << 20) {
        self.room = room
    }

    func has(_ name: String) -> Bool { numbers[name] != nil }

    /// nil if the family is of another type than it had before, for then it cannot be added, or there is no room for it.
    mutating func walk(_ family: InstancePage.Family) -> Walk? {
        if let number = numbers[family.name] {
            return families[number].type == family.type ? Walk(family: number) : nil
        }
        guard keep(family.name.utf8.count + family.help.utf8.count) else { return nil }
        numbers[family.name] = families.count
        families.append(Family(name: family.name, type: family.type, help: family.help))
        return Walk(family: families.count - 1)
    }

    /// The cells of the next series, new ones if it is new or has bounds that it never had; nil if it cannot be read, or
    /// there is no room for it.
    mutating func cells(
        of series: InstanceSeries, _ value: SeriesValue, in page: InstancePage, _ walk: inout Walk
    ) -> Range<Int>? {
        let bytes = page.bytes[series.labels]
        let expected = walk.next
        if expected < families[walk.family].series.count,
            families[walk.family].series[expected].bytes.elementsEqual(bytes),
            families[walk.family].series[expected].bounds == value.bounds
        {
            walk.next += 1
            return families[walk.family].series[expected].cells
        }
        guard bytes.count <= SeriesCells.longest,
            labels.read(page.bytes, series.labels, type: families[walk.family].type),
            let place = families[walk.family].place(labels.text, value.bounds)
                ?? add(series, value, in: page, to: walk.family)
        else { return nil }
        walk.next = place + 1
        return families[walk.family].series[place].cells
    }

    /// The cells of the first series with the labels of the one that has these.
    func first(_ cells: Range<Int>) -> Range<Int> {
        owners[cells.lowerBound].map { families[$0.family].series[$0.first].cells } ?? cells
    }

    /// The cells of all series with the labels of the one that has these, the first before the others; nothing if no other
    /// has its labels.
    func alike(_ cells: Range<Int>) -> [Range<Int>] {
        guard let owner = owners[cells.lowerBound] else { return [] }
        let family = families[owner.family]
        return family.alike(family.series[owner.first]).map(\.cells)
    }

    /// All that the row has numbers of.
    func families(_ row: [Double]) -> [MetricFamily] {
        families.compactMap { family in
            let sorted = family.shown(row).sorted { $0.first.labels.lexicographicallyPrecedes($1.first.labels) }
            let samples = sorted.flatMap { $0.samples(family.name, family.type, row) }
            return samples.isEmpty
                ? nil : MetricFamily(name: family.name, type: family.type, help: family.help, samples: samples)
        }
    }

    /// Where the series is whose labels were just read, which is new.
    private mutating func add(
        _ series: InstanceSeries, _ value: SeriesValue, in page: InstancePage, to family: Int
    ) -> Int? {
        let size = 2 * series.labels.count + labels.text.count + labels.count * MemoryLayout<Label>.stride
        guard value.isOrdered, count + value.numbers.count <= SeriesCells.limit, keep(size) else { return nil }
        let cells = count..<count + value.numbers.count
        count = cells.upperBound
        // Copies, for what is read from page to page may have much more memory than it needs now.
        let text = labels.text.map { $0 }
        let first = families[family].places[text]
        if let first {
            owners[families[family].series[first].cells.lowerBound] = (family, first)
            owners[cells.lowerBound] = (family, first)
        }
        return families[family].add(
            Series(
                labels: SeriesLabels.list(page.bytes, series.labels), cells: cells, bounds: value.bounds.map { $0 },
                bytes: Array(page.bytes[series.labels]), first: first), text)
    }

    /// Whether there is room for so many bytes more, which is then taken.
    private mutating func keep(_ size: Int) -> Bool {
        guard size + SeriesCells.overhead <= room - kept else { return false }
        kept += size + SeriesCells.overhead
        return true
    }
}

extension SeriesCells.Family {
    /// nil if there is none yet with these labels and bounds.
    fileprivate func place(_ text: [UInt8], _ bounds: [Double]) -> Int? {
        guard let first = places[text] else { return nil }
        return series[first].bounds == bounds ? first : variants[SeriesCells.Variant(first: first, bounds: bounds)]
    }

    /// Where it is then.
    fileprivate mutating func add(_ new: SeriesCells.Series, _ text: [UInt8]) -> Int {
        let place = series.count
        if let first = new.first {
            series[first].others.append(place)
            variants[SeriesCells.Variant(first: first, bounds: new.bounds)] = place
        } else {
            places[text] = place
        }
        series.append(new)
        return place
    }

    /// The first with its labels, and all others that have them.
    fileprivate func alike(_ first: SeriesCells.Series) -> [SeriesCells.Series] {
        [first] + first.others.map { series[$0] }
    }

    /// What the row has numbers of.
    fileprivate func shown(_ row: [Double]) -> [SeriesCells.Alike] {
        var shown: [SeriesCells.Alike] = []
        for one in series where one.first == nil && (one.isShown(row) || !one.others.isEmpty) {
            if let all = SeriesCells.Alike(alike(one).filter({ $0.isShown(row) })) { shown.append(all) }
        }
        return shown
    }
}

extension SeriesCells.Series {
    fileprivate func isShown(_ row: [Double]) -> Bool {
        cells.upperBound <= row.count && !row[cells.lowerBound].isNaN
    }

    /// How many observations were not above each bound.
    fileprivate func buckets(_ row: [Double]) -> [Double: Double] {
        Dictionary(zip(bounds, row[cells].dropFirst(2)), uniquingKeysWith: { first, _ in first })
    }
}

extension SeriesCells.Alike {
    /// Their sums, with the buckets of the bounds that all of them have: no other one can be told.
    fileprivate func samples(_ name: String, _ type: MetricType, _ row: [Double]) -> [Sample] {
        let labels = first.labels
        guard type == .histogram || type == .summary else {
            return [Sample(name: name, labels: labels, value: sum(0, row))]
        }
        let more = others.map { $0.buckets(row) }
        let buckets = first.bounds.enumerated().compactMap { index, bound -> Sample? in
            var count = row[first.cells.lowerBound + 2 + index]
            for known in more {
                guard let other = known[bound] else { return nil }
                count += other
            }
            let label = Label("le", FloatFormat.bound(bound))
            return Sample(name: name + "_bucket", labels: labels + [label], value: count)
        }
        return buckets + [
            Sample(name: name + "_sum", labels: labels, value: sum(1, row)),
            Sample(name: name + "_count", labels: labels, value: sum(0, row)),
        ]
    }

    /// Of the cell in this place of each, always in one order, so that it does not fall by a rounding.
    private func sum(_ place: Int, _ row: [Double]) -> Double {
        others.reduce(row[first.cells.lowerBound + place]) { $0 + row[$1.cells.lowerBound + place] }
    }
}
