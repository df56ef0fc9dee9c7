/// Which series make up a family, in which order they are shown, and how that looked in the last scrape.
struct FamilyLayout {
    /// Only of gauges.
    let aggregation: GaugeMode.Aggregation?
    var name: String { shown.name }
    var type: MetricType { shown.type }

    private var groups: [SeriesGroup] = []
    /// Where the group of each set of labels is.
    private var positions: [[Label]: Int] = [:]
    /// The groups from the least labels to the greatest. Made when it is asked for, for series come in crowds.
    private var order: [Int] = []

    /// As in the last scrape.
    private var shown: MetricFamily
    /// Where the value of each sample comes from.
    private var sources: [SampleSource] = []
    /// Whether other series are to be shown than in the last scrape.
    var isChanged = true

    init(name: String, type: MetricType, aggregation: GaugeMode.Aggregation?, help: String) {
        self.aggregation = aggregation
        shown = MetricFamily(name: name, type: type, help: help, samples: [], aggregation: aggregation)
    }

    /// Gives a new series its place.
    mutating func insert(_ identifier: SeriesTable.Identifier, part: SeriesPart, labels: [Label]) {
        isChanged = true
        let position: Int
        if let known = positions[labels] {
            position = known
        } else {
            position = groups.count
            groups.append(SeriesGroup(labels: labels))
            positions[labels] = position
        }
        groups[position].insert(identifier, as: part)
    }

    /// The family now; nil if it has nothing to show. `values` has a series' value, or nil if no file has it now.
    mutating func family(_ value: (SeriesTable.Identifier) -> Double?) -> MetricFamily? {
        if isChanged {
            arrange(value)
            isChanged = false
        }
        guard !sources.isEmpty else { return nil }
        var total = 0.0
        shown.setValues { sources[$0].value(total: &total, value) }
        return shown
    }

    private mutating func arrange(_ value: (SeriesTable.Identifier) -> Double?) {
        if order.count < groups.count {
            order += order.count..<groups.count
            order.sort { groups[$0].labels.lexicographicallyPrecedes(groups[$1].labels) }
        }
        var samples: [Sample] = []
        sources = []
        for position in order {
            let isPresent = { value($0) != nil }
            for (sample, source) in groups[position].samples(name: name, type: type, isPresent: isPresent) {
                samples.append(sample)
                sources.append(source)
            }
        }
        shown = MetricFamily(
            name: name, type: type, help: shown.help, samples: samples, lines: TextLines(samples),
            aggregation: aggregation)
    }
}
