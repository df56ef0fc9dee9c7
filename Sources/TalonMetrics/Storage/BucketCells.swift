import TalonPlatform

/// The cells of one histogram's buckets beside their bounds, in a block that is made once and never freed: a histogram
/// is copied freely and observed on the request path, where counting references would cost more than the observation.
///
/// `@unchecked Sendable`: the block is not changed after its making; the cells are atomic.
struct BucketCells: @unchecked Sendable {
    private struct Bucket {
        let bound: Double
        let cell: MappedCell
    }

    private let buckets: UnsafePointer<Bucket>
    let count: Int

    /// `bounds` ascend and end in infinity; `cells` belong to them.
    init(bounds: [Double], cells: [MappedCell]) {
        precondition(bounds.last == .infinity && bounds.count == cells.count, "a histogram ends in +Inf")
        let block = UnsafeMutablePointer<Bucket>.allocate(capacity: bounds.count)
        for (index, bound) in bounds.enumerated() {
            (block + index).initialize(to: Bucket(bound: bound, cell: cells[index]))
        }
        buckets = UnsafePointer(block)
        count = bounds.count
    }

    /// The cell of the first bucket that `value` fits in.
    func cell(for value: Double) -> MappedCell {
        var bucket = buckets
        // Ends: nothing is above the last bound, infinity, and NaN is above none.
        while value > bucket.pointee.bound { bucket += 1 }
        return bucket.pointee.cell
    }

    /// Which bucket that is.
    func index(for value: Double) -> Int {
        var index = 0
        while value > buckets[index].bound { index += 1 }
        return index
    }

    /// Adds to each bucket; `counts` are as many as the bounds.
    func add(_ counts: [Double]) {
        for (index, count) in counts.enumerated() where count > 0 { buckets[index].cell.add(count) }
    }
}
