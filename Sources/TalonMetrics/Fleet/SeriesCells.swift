/// Which series of counters, histograms and summaries a fleet has, and where the numbers of each are in a row of cells.
///
/// The first cell of a series never falls within a run: a counter's value, or the number of observations. The sum follows,
/// and a histogram's counts up to each bound.
struct SeriesCells {
    private struct Family {
        let type: MetricType
        let help: String
        /// By the text of their labels.
        var series: [[UInt8]: Series] = [:]
    }

    fileprivate struct Series {
        let labels: [Label]
        let cells: Range<Int>
        let bounds: [Double]
    }

    /// Beyond, new series are left out: what is in Redis must not fill the memory.
    private static let limit = 2_000_000

    private var families: [String: Family] = [:]
    /// How many cells there are.
    private(set) var count = 0

    /// The cells of a series, new ones if it is; nil if it is of another type or has other bounds than it had before, for
    /// then it cannot be added.
    mutating func cells(
        of text: [UInt8], _ range: Range<Int>, _ value: SeriesValue, _ family: InstancePage.Family, _ page: InstancePage
    ) -> Range<Int>? {
        if let known = families[family.name] {
            guard known.type == family.type else { return nil }
            if let series = known.series[text] { return series.bounds == value.bounds ? series.cells : nil }
        } else {
            families[family.name] = Family(type: family.type, help: family.help)
        }
        guard count < SeriesCells.limit else { return nil }
        let width = family.type == .counter ? 1 : 2 + value.bounds.count
        let cells = count..<count + width
        count += width
        families[family.name]?.series[text] = Series(
            labels: InstanceSeries.labels(page.bytes, range), cells: cells, bounds: value.bounds)
        return cells
    }

    /// `row` must reach as far as the cells do.
    func store(_ value: SeriesValue, at cells: Range<Int>, in row: inout [Double]) {
        row[cells.lowerBound] = value.main
        guard cells.count > 1 else { return }
        row[cells.lowerBound + 1] = value.value
        for (index, count) in value.counts.enumerated() { row[cells.lowerBound + 2 + index] = count }
    }

    /// All that the row has numbers of.
    func families(_ row: [Double]) -> [MetricFamily] {
        families.sorted { $0.key < $1.key }.compactMap { name, family in
            let shown = family.series.values.filter {
                $0.cells.upperBound <= row.count && !row[$0.cells.lowerBound].isNaN
            }
            let sorted = shown.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
            let samples = sorted.flatMap { $0.samples(name, family.type, row) }
            return samples.isEmpty
                ? nil : MetricFamily(name: name, type: family.type, help: family.help, samples: samples)
        }
    }
}

extension SeriesCells.Series {
    fileprivate func samples(_ name: String, _ type: MetricType, _ row: [Double]) -> [Sample] {
        let first = cells.lowerBound
        guard type != .counter else { return [Sample(name: name, labels: labels, value: row[first])] }
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
