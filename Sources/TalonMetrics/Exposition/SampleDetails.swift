/// What only OpenMetrics and protobuf show of a sample.
///
/// A class, so that a sample without any, which is nearly each one, pays one word for it.
package final class SampleDetails: Sendable, Equatable {
    /// An observation in this bucket, or an increment of this counter.
    package let exemplar: ObservedExemplar?
    /// When the series began, in seconds since 1970: of counters, and of the `_count` of histograms and summaries.
    package let created: Double?
    /// The same observations in buckets of a finer kind: of the `_count` of histograms.
    package let native: NativeHistogram?

    package init(exemplar: ObservedExemplar? = nil, created: Double? = nil, native: NativeHistogram? = nil) {
        self.exemplar = exemplar
        self.created = created
        self.native = native
    }

    package static func == (left: SampleDetails, right: SampleDetails) -> Bool {
        left.exemplar == right.exemplar && left.created == right.created && left.native == right.native
    }
}
