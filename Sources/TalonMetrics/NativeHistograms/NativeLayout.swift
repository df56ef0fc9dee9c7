/// Which buckets a native histogram has: the memory it may take is fixed when it is made.
///
/// Each power of two between the two limits is divided into eight buckets, so that a quantile is off by at most 4.5 %.
/// Nearer to 0 than 2^`lowest` is the zero bucket; what is beyond 2^`highest` counts in the last bucket.
///
/// The words of its record: the zero bucket, then the positive buckets from the lowest, then the negative ones by
/// their magnitude.
package struct NativeLayout: Sendable, Hashable {
    /// The schema of all native histograms that Talon writes: bounds are powers of 2^(2^-3).
    package static let schema = 3
    static let bucketsPerPower = 1 << schema

    package let lowest: Int
    package let highest: Int

    /// From 1 µs to more than an hour; 4 KiB for each series of each slot.
    package static let seconds = NativeLayout(-20, 12)
    /// From 1 byte to 1 TiB; 5 KiB for each series of each slot.
    package static let bytes = NativeLayout(0, 40)

    private init(_ lowest: Int, _ highest: Int) {
        self.lowest = lowest
        self.highest = highest
    }

    /// Nil unless -1000 ≤ `lowest` < `highest` ≤ 1000.
    package init?(lowest: Int, highest: Int) {
        guard lowest >= -1000, highest <= 1000, lowest < highest else { return nil }
        self.init(lowest, highest)
    }

    /// How many buckets there are to either side of 0.
    var side: Int { (highest - lowest) * Self.bucketsPerPower }

    var wordCount: Int { 1 + 2 * side }

    /// The bucket index (``NativeHistogram``) of the first bucket of either side.
    var firstIndex: Int { lowest * Self.bucketsPerPower + 1 }

    /// The histogram that the words of a record hold; nil if one of them cannot be a count.
    func histogram(_ word: (Int) -> UInt64) -> NativeHistogram? {
        // Beyond, a double could not show it, nor could any process have counted so far.
        let limit: UInt64 = 1 << 53
        let zeroCount = word(0)
        guard zeroCount < limit else { return nil }
        var sides: [[Int: UInt64]] = [[:], [:]]
        for place in 0..<2 * side {
            let count = word(1 + place)
            guard count > 0 else { continue }
            guard count < limit else { return nil }
            sides[place / side][firstIndex + place % side] = count
        }
        return NativeHistogram(
            schema: Self.schema, zeroExponent: lowest, zeroCount: zeroCount, positive: sides[0], negative: sides[1])
    }
}
