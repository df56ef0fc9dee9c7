/// The gauges of all instances that are there, joined by their mode.
struct FleetGauges {
    private var table = SeriesCells()
    /// By cells; NaN: none has it now.
    private var values: [Double] = []
    /// By the name of a family: the first page's.
    private var modes: [String: GaugeMode.Aggregation] = [:]
    private var value = SeriesValue()

    /// Before the pages of a scrape, which come in the order of their time.
    mutating func begin() {
        for cell in values.indices { values[cell] = .nan }
        modes.removeAll(keepingCapacity: true)
    }

    mutating func add(_ family: InstancePage.Family, of page: InstancePage) {
        let mode = modes[family.name] ?? family.aggregation ?? .perProcess
        modes[family.name] = mode
        // Where each process has its own, each instance has too.
        guard mode != .perProcess, var walk = table.walk(family) else { return }
        for range in family.metrics {
            guard let series = InstanceSeries(page.bytes, range, type: .gauge) else { continue }
            value.read(page.bytes, series.value, type: .gauge)
            guard let cell = table.cells(of: series, value, in: page, &walk)?.lowerBound else { continue }
            values.grow(to: table.count)
            let (known, new) = (values[cell], value.numbers[0])
            values[cell] =
                switch mode {
                case _ where known.isNaN: new
                case .sum: known + new
                case .least: min(known, new)
                case .greatest: max(known, new)
                case .mostRecent, .perProcess: new
                }
        }
    }

    /// Those of which each instance has its own.
    var ofInstances: Set<String> { Set(modes.filter { $0.value == .perProcess }.keys) }

    var families: [MetricFamily] { table.families(values) }
}
