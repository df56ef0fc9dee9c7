/// The gauges of all instances that are there, joined by their mode.
struct FleetGauges {
    private struct Family {
        let help: String
        var series: [[UInt8]: (labels: [Label], value: Double)] = [:]
    }

    private var all: [String: Family] = [:]

    /// Pages come in the order of their time.
    mutating func add(
        _ value: Double, _ text: [UInt8], _ range: Range<Int>, of family: InstancePage.Family, in page: InstancePage
    ) {
        // Where each process has its own, each instance has too.
        let mode = family.aggregation ?? .perProcess
        let key = mode == .perProcess ? text + [0] + Array(page.instance.utf8) : text
        if let known = all[family.name]?.series[key]?.value {
            let joined =
                switch mode {
                case .sum: known + value
                case .least: min(known, value)
                case .greatest: max(known, value)
                case .mostRecent, .perProcess: value
                }
            all[family.name]?.series[key]?.value = joined
        } else {
            var labels = InstanceSeries.labels(page.bytes, range)
            if mode == .perProcess { labels.append(Label("instance", page.instance)) }
            all[family.name, default: Family(help: family.help)].series[key] = (labels.sorted(), value)
        }
    }

    var families: [MetricFamily] {
        all.map { name, family in
            let samples = family.series.values.map { Sample(name: name, labels: $0.labels, value: $0.value) }
            let sorted = samples.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
            return MetricFamily(name: name, type: .gauge, help: family.help, samples: sorted)
        }
    }
}
