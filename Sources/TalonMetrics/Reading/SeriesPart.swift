/// What an entry of a file is to its family.
enum SeriesPart: Hashable {
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
