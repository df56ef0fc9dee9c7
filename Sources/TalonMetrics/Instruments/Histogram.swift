import TalonPlatform

/// Observations, counted in buckets.
///
/// Lives in a metric file; any thread may observe, without lock, allocation or system call.
///
/// Sum and bucket are two additions: a reader between them sees a sum that is one observation ahead of the count.
package struct Histogram: Sendable {
    let sum: MappedCell
    let buckets: BucketCells
    let native: NativeCells?
    let exemplars: ExemplarCells?

    /// Counts `value` in the first bucket whose bound is not below it.
    ///
    /// NaN, and infinity, which would spoil the sum for ever, are ignored.
    package func observe(_ value: Double) {
        guard value.isFinite else { return }
        sum.add(value)
        buckets.cell(for: value).add(1)
        native?.add(value)
    }

    /// Counts `value` as ``observe(_:)`` does, and keeps its trace as the latest of that bucket if the histogram was
    /// made to keep them.
    package func observe(_ value: Double, exemplar: Exemplar?) {
        observe(value)
        guard let exemplar, let exemplars, value.isFinite else { return }
        exemplars.store(exemplar, value: value, bucket: buckets.index(for: value))
    }

    /// Adds observations that were counted elsewhere: how many were in each bucket, `+Inf` last, and their sum.
    ///
    /// Counts that are not as many as the buckets are ignored.
    package func add(counts: [Double], sum total: Double) {
        guard counts.count == buckets.count else { return }
        sum.add(total)
        buckets.add(counts)
    }

    /// The sum of all observations.
    package var total: Double { sum.load() }
}
