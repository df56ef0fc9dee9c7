/// Which series a fleet has, and where the numbers of each are in a row of cells, in the order of ``SeriesValue``.
///
/// Servers are alike: of most series the one that follows is known from the last page, and is found by its bytes.
struct SeriesCells {
    fileprivate struct Family {
        let name: String
        let type: MetricType
        let help: String
        /// In the order of their first page.
        var series: [Series] = []
        /// Where they are in ``series``, by the text of their labels.
        var places: [[UInt8]: Int] = [:]
    }

    fileprivate struct Series {
        let labels: [Label]
        let cells: Range<Int>
        let bounds: [Double]
        /// The labels as a page had them.
        var bytes: [UInt8]
    }

    /// A way through the series of one family, in the order in which a page has them.
    struct Walk {
        fileprivate let family: Int
        fileprivate var next = 0
    }

    /// Beyond, new series are left out: what is in Redis must not fill the memory.
    private static let limit = 2_000_000

    private var families: [Family] = []
    private var numbers: [String: Int] = [:]
    private var labels = SeriesLabels()
    /// How many cells there are.
    private(set) var count = 0

    func has(_ name: String) -> Bool { numbers[name] != nil }

    /// nil if the family is of another type than it had before, for then it cannot be added.
    mutating func walk(_ family: InstancePage.Family) -> Walk? {
        if let number = numbers[family.name] {
            return families[number].type == family.type ? Walk(family: number) : nil
        }
        numbers[family.name] = families.count
        families.append(Family(name: family.name, type: family.type, help: family.help))
        return Walk(family: families.count - 1)
    }

    /// The cells of the next series, new ones if it is new; nil if it has other bounds than before, or cannot be read.
    mutating func cells(
        of series: InstanceSeries, _ value: SeriesValue, in page: InstancePage, _ walk: inout Walk
    ) -> Range<Int>? {
        let bytes = page.bytes[series.labels]
        let expected = walk.next
        if expected < families[walk.family].series.count,
            families[walk.family].series[expected].bytes.elementsEqual(bytes)
        {
            walk.next += 1
            return families[walk.family].cells(expected, value)
        }
        guard labels.read(page.bytes, series.labels, type: families[walk.family].type) else { return nil }
        if let known = families[walk.family].places[labels.text] {
            walk.next = known + 1
            families[walk.family].series[known].bytes = Array(bytes)
            return families[walk.family].cells(known, value)
        }
        guard count < SeriesCells.limit else { return nil }
        let cells = count..<count + value.numbers.count
        count = cells.upperBound
        walk.next = families[walk.family].add(
            Series(
                labels: SeriesLabels.list(page.bytes, series.labels), cells: cells, bounds: value.bounds,
                bytes: Array(bytes)), labels.text)
        return cells
    }

    /// All that the row has numbers of.
    func families(_ row: [Double]) -> [MetricFamily] {
        families.compactMap { family in
            let shown = family.series.filter { $0.cells.upperBound <= row.count && !row[$0.cells.lowerBound].isNaN }
            let sorted = shown.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
            let samples = sorted.flatMap { $0.samples(family.name, family.type, row) }
            return samples.isEmpty
                ? nil : MetricFamily(name: family.name, type: family.type, help: family.help, samples: samples)
        }
    }
}

extension SeriesCells.Family {
    fileprivate func cells(_ place: Int, _ value: SeriesValue) -> Range<Int>? {
        series[place].bounds == value.bounds ? series[place].cells : nil
    }

    /// Where the next would be.
    fileprivate mutating func add(_ new: SeriesCells.Series, _ text: [UInt8]) -> Int {
        places[text] = series.count
        series.append(new)
        return series.count
    }
}

extension SeriesCells.Series {
    fileprivate func samples(_ name: String, _ type: MetricType, _ row: [Double]) -> [Sample] {
        let first = cells.lowerBound
        guard type == .histogram || type == .summary else {
            return [Sample(name: name, labels: labels, value: row[first])]
        }
        let buckets = bounds.enumerated().map { index, bound in
            Sample(
                name: name + "_bucket", labels: labels + [Label("le", FloatFormat.bound(bound))],
                value: row[first + 2 + index])
        }
        return buckets + [
            Sample(name: name + "_sum", labels: labels, value: row[first + 1]),
            Sample(name: name + "_count", labels: labels, value: row[first]),
        ]
    }
}
