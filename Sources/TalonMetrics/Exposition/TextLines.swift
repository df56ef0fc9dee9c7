/// What stands before the values in a family's text lines, one after the other in one block of memory: a scrape copies
/// it piece by piece, and renders nothing but the numbers.
struct TextLines: Sendable {
    private var bytes: [UInt8] = []
    /// Where the piece of each sample ends.
    private var ends: [Int] = []

    init(_ samples: [Sample]) {
        ends.reserveCapacity(samples.count)
        for sample in samples {
            TextExposition.appendSeries(sample.name, sample.labels, to: &bytes)
            ends.append(bytes.count)
        }
    }

    /// Appends the piece of the sample `index`.
    func appendStart(of index: Int, to output: inout [UInt8]) {
        output.append(contentsOf: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }
}
