/// A histogram in buckets whose bounds are powers of a common base: Prometheus' native histogram.
///
/// Bucket `index` holds what is above `base^(index-1)` and not above `base^index`, where `base` is 2^(2^-schema); what
/// is not farther from 0 than the threshold is in the zero bucket. Empty buckets are not listed.
package struct NativeHistogram: Sendable, Equatable {
    /// Each power of two is divided into 2^schema buckets.
    package private(set) var schema: Int
    /// The threshold is 2 to this power: the bound of a bucket in every schema from 0 on.
    package private(set) var zeroExponent: Int
    package private(set) var zeroCount: UInt64
    /// Observations by the index of their bucket.
    package private(set) var positive: [Int: UInt64]
    /// The same for negative observations, by the index of their magnitude.
    package private(set) var negative: [Int: UInt64]

    package init(
        schema: Int, zeroExponent: Int, zeroCount: UInt64 = 0, positive: [Int: UInt64] = [:],
        negative: [Int: UInt64] = [:]
    ) {
        self.schema = schema
        self.zeroExponent = zeroExponent
        self.zeroCount = zeroCount
        self.positive = positive
        self.negative = negative
    }

    /// The breadth of the zero bucket to either side.
    package var zeroThreshold: Double { Double(sign: .plus, exponent: zeroExponent, significand: 1) }

    /// All observations.
    package var count: UInt64 {
        positive.values.reduce(negative.values.reduce(zeroCount, &+), &+)
    }

    /// Adds the observations of another histogram, exactly.
    ///
    /// Where the two differ, the coarser schema and the wider zero bucket are what both can be brought to without
    /// splitting a bucket.
    package mutating func add(_ other: NativeHistogram) {
        var other = other
        coarsen(to: min(schema, other.schema))
        other.coarsen(to: schema)
        widenZero(to: max(zeroExponent, other.zeroExponent))
        other.widenZero(to: zeroExponent)
        zeroCount &+= other.zeroCount
        positive.merge(other.positive, uniquingKeysWith: &+)
        negative.merge(other.negative, uniquingKeysWith: &+)
    }

    private mutating func coarsen(to coarser: Int) {
        guard coarser < schema else { return }
        let shift = schema - coarser
        // Rounds up: a bucket is named by its upper bound.
        let place = { (index: Int) in (index + (1 << shift) - 1) >> shift }
        positive = Dictionary(positive.map { (place($0.key), $0.value) }, uniquingKeysWith: &+)
        negative = Dictionary(negative.map { (place($0.key), $0.value) }, uniquingKeysWith: &+)
        schema = coarser
    }

    private mutating func widenZero(to exponent: Int) {
        guard exponent > zeroExponent else { return }
        zeroExponent = exponent
        let last = exponent << schema
        for (index, count) in positive where index <= last {
            zeroCount &+= count
            positive[index] = nil
        }
        for (index, count) in negative where index <= last {
            zeroCount &+= count
            negative[index] = nil
        }
    }
}
