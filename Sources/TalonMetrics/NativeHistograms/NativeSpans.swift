/// Buckets as the protobuf format lists them: runs of neighbours, and each count as the difference to the one before.
struct NativeSpans: Equatable {
    struct Span: Equatable {
        /// Of the first run: the index of its first bucket. Of a later one: how many empty buckets are before it.
        var offset: Int
        var length: Int
    }

    private(set) var spans: [Span] = []
    private(set) var deltas: [Int64] = []

    init(_ buckets: [Int: UInt64]) {
        var next = 0
        var before: UInt64 = 0
        for (index, count) in buckets.sorted(by: { $0.key < $1.key }) where count > 0 {
            if index == next, !spans.isEmpty {
                spans[spans.count - 1].length += 1
            } else {
                spans.append(Span(offset: index - next, length: 1))
            }
            deltas.append(Int64(bitPattern: count &- before))
            (next, before) = (index + 1, count)
        }
    }
}
