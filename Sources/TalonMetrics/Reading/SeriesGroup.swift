/// The series of one set of labels in a family.
struct SeriesGroup {
    private typealias Identifier = SeriesTable.Identifier

    /// Of all its samples, but for `le`.
    let labels: [Label]
    private var value: Identifier?
    private var sum: Identifier?
    private var count: Identifier?
    /// Sorted by bound.
    private var buckets: [(bound: Double, series: Identifier)] = []

    init(labels: [Label]) {
        self.labels = labels
    }

    mutating func insert(_ identifier: SeriesTable.Identifier, as part: SeriesPart) {
        switch part {
        case .value: value = identifier
        case .sum: sum = identifier
        case .count: count = identifier
        case .bucket(let bound):
            let place = buckets.firstIndex { $0.bound > bound } ?? buckets.count
            buckets.insert((bound, identifier), at: place)
        }
    }

    /// The samples that there are to show now, still without values, and where those come from.
    func samples(
        name: String, type: MetricType, isPresent: (SeriesTable.Identifier) -> Bool
    ) -> [(Sample, SampleSource)] {
        var samples: [(Sample, SampleSource)] = []
        func tell(_ name: String, _ labels: [Label], _ kind: SampleSource.Kind, _ series: Identifier?) {
            samples.append(
                (Sample(name: name, sorted: labels, value: 0), SampleSource(kind: kind, series: series)))
        }
        if let value, isPresent(value) { tell(name, labels, .value, value) }
        let sum = sum.flatMap { isPresent($0) ? $0 : nil }
        let count = count.flatMap { isPresent($0) ? $0 : nil }
        // A bound of files that are gone is not shown.
        let buckets = buckets.filter { isPresent($0.series) }
        let hasBuckets = type == .histogram && (sum != nil || !buckets.isEmpty)
        if hasBuckets {
            var kind = SampleSource.Kind.firstBucket
            for bucket in buckets {
                tell(name + "_bucket", labels(of: bucket.bound), kind, bucket.series)
                kind = .bucket
            }
            // The format demands it, whether or not a file has it.
            if buckets.last?.bound != .infinity { tell(name + "_bucket", labels(of: .infinity), kind, nil) }
        }
        guard sum != nil || count != nil || hasBuckets else { return samples }
        tell(name + "_sum", labels, .value, sum)
        tell(name + "_count", labels, hasBuckets ? .total : .value, count)
        return samples
    }

    private func labels(of bound: Double) -> [Label] {
        (labels + [Label("le", FloatFormat.bound(bound))]).sorted()
    }
}
