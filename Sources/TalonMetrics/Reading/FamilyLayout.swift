/// Which series make up a family, and in which order they are shown.
struct FamilyLayout {
    /// What an entry is to its family.
    enum Part: Hashable {
        /// The value of a counter or gauge.
        case value
        case sum
        case count
        /// Observations above the bound before and not above this one.
        case bucket(Double)

        /// The part that a key means; a bucket's bound is taken out of `labels`.
        init(_ key: MetricKey, type: MetricType, labels: inout [Label]) throws(SeriesTable.Rejection) {
            let suffix = key.sample.hasPrefix(key.metric) ? String(key.sample.dropFirst(key.metric.count)) : nil
            switch (type, suffix) {
            case (.counter, "_total"), (.counter, ""), (.gauge, ""):
                self = .value
            case (.histogram, "_sum"), (.summary, "_sum"):
                self = .sum
            case (.summary, "_count"):
                self = .count
            case (.histogram, "_bucket"):
                let text = labels.first { $0.name == "le" }?.value ?? ""
                guard let bound = FloatFormat.value(of: text) else { throw .invalid("\(key.text) has no bound") }
                labels.removeAll { $0.name == "le" }
                self = .bucket(bound)
            case (_, "_created"), (.histogram, "_count"):
                throw .unneeded
            default:
                throw .invalid("\(key.sample) does not belong to a \(type.rawValue) named \(key.metric)")
            }
        }
    }

    /// The series of one set of labels.
    private struct Group {
        let labels: [Label]
        var value: SeriesTable.Identifier?
        var sum: SeriesTable.Identifier?
        var count: SeriesTable.Identifier?
        /// Sorted by bound.
        var buckets: [Bucket] = []
    }

    private struct Bucket {
        let bound: Double
        /// The group's labels and `le`.
        let labels: [Label]
        /// Nil for the `+Inf` that the format demands and no file has.
        let identifier: SeriesTable.Identifier?
    }

    let type: MetricType
    /// Only of gauges.
    let aggregation: GaugeMode.Aggregation?
    let help: String
    /// Sorted by labels.
    private var groups: [Group] = []

    init(type: MetricType, aggregation: GaugeMode.Aggregation?, help: String) {
        self.type = type
        self.aggregation = aggregation
        self.help = help
    }

    /// Gives a new series its place.
    mutating func insert(_ identifier: SeriesTable.Identifier, part: Part, labels: [Label]) {
        let index = position(of: labels)
        if index == groups.count || groups[index].labels != labels {
            var group = Group(labels: labels)
            if type == .histogram { group.buckets = [Self.bucket(.infinity, nil, labels)] }
            groups.insert(group, at: index)
        }
        switch part {
        case .value: groups[index].value = identifier
        case .sum: groups[index].sum = identifier
        case .count: groups[index].count = identifier
        case .bucket(let bound):
            groups[index].buckets.removeAll { $0.bound == bound }
            let place = groups[index].buckets.firstIndex { $0.bound > bound } ?? groups[index].buckets.count
            groups[index].buckets.insert(Self.bucket(bound, identifier, labels), at: place)
        }
    }

    private static func bucket(_ bound: Double, _ identifier: SeriesTable.Identifier?, _ labels: [Label]) -> Bucket {
        let all = (labels + [Label("le", FloatFormat.bound(bound))]).sorted()
        return Bucket(bound: bound, labels: all, identifier: identifier)
    }

    /// Where the group with these labels is or belongs; binary search, for a counter may have many thousands.
    private func position(of labels: [Label]) -> Int {
        var low = 0
        var high = groups.count
        while low < high {
            let middle = (low + high) / 2
            if groups[middle].labels.lexicographicallyPrecedes(labels) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The family's samples; `value` gives a series' value, or nil if no file has it now.
    func samples(name: String, value: (SeriesTable.Identifier) -> Double?) -> [Sample] {
        var samples: [Sample] = []
        samples.reserveCapacity(groups.reduce(0) { $0 + 2 + $1.buckets.count })
        let bucketName = name + "_bucket"
        let sumName = name + "_sum"
        let countName = name + "_count"
        for group in groups {
            if let single = group.value.flatMap(value) {
                samples.append(Sample(name: name, sorted: group.labels, value: single))
            }
            let sum = group.sum.flatMap(value)
            var count = group.count.flatMap(value)
            let present = group.buckets.contains { $0.identifier.flatMap(value) != nil }
            if present || type == .histogram && sum != nil {
                var total = 0.0
                for bucket in group.buckets {
                    let own = bucket.identifier.flatMap(value)
                    // A bound of files that are gone is not shown; +Inf always is.
                    guard own != nil || bucket.bound == .infinity else { continue }
                    total += own ?? 0
                    samples.append(Sample(name: bucketName, sorted: bucket.labels, value: total))
                }
                count = total
            }
            guard sum != nil || count != nil else { continue }
            samples.append(Sample(name: sumName, sorted: group.labels, value: sum ?? 0))
            samples.append(Sample(name: countName, sorted: group.labels, value: count ?? 0))
        }
        return samples
    }
}
