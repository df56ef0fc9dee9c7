/// Where the value of a sample comes from.
struct SampleSource {
    enum Kind {
        /// The series' own.
        case value
        /// That of the buckets up to this one, in a group's first and in the others.
        case firstBucket, bucket
        /// That of the last bucket.
        case total
    }

    let kind: Kind
    /// Nil if there is none, and it counts as 0.
    let series: SeriesTable.Identifier?

    /// The value; `total` is carried from one sample to the next.
    func value(total: inout Double, _ value: (SeriesTable.Identifier) -> Double?) -> Double {
        let own = series.flatMap(value) ?? 0
        switch kind {
        case .value: return own
        case .firstBucket: total = own
        case .bucket: total += own
        case .total: break
        }
        return total
    }
}
