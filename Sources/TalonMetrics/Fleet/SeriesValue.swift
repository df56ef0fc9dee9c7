/// The numbers of one series of a page. One for many series: it reuses its memory.
struct SeriesValue {
    /// Of counters and gauges the value; of histograms and summaries how many observations there were and their sum, then
    /// of histograms how many observations were not above each bound. The first never falls within a run.
    private(set) var numbers: [Double] = []
    /// Of histograms: upper bounds from the least to +Inf.
    private(set) var bounds: [Double] = []

    /// Whether the bounds are as they must be; they are anybody's, and NaN is never the same as before.
    var isOrdered: Bool { zip(bounds, bounds.dropFirst()).allSatisfy(<) }

    /// Whether it is one that can be added: what is no number, or endless, would have no sum ever again.
    var isCount: Bool { numbers[0] >= 0 && numbers[0] < SeriesValue.endless }

    /// A sum that is no number, as that of observations of NaN, stays as it was.
    mutating func mendSum(_ old: ArraySlice<Double>?) {
        guard numbers.count > 1, !(numbers[1].magnitude < SeriesValue.endless) else { return }
        numbers[1] = old?.dropFirst().first ?? 0
    }

    /// Of many that are less the sum is still a number.
    private static let endless = 1e300

    /// Of the message in this place.
    mutating func read(_ bytes: [UInt8], _ range: Range<Int>, type: MetricType) {
        numbers.removeAll(keepingCapacity: true)
        bounds.removeAll(keepingCapacity: true)
        numbers.append(0)
        var fields = ProtobufFields(bytes, range)
        guard type == .histogram || type == .summary else {
            while let field = fields.next() { if field.number == 1 { numbers[0] = field.double } }
            return
        }
        numbers.append(0)
        while let field = fields.next() {
            switch field.number {
            case 1: numbers[0] = Double(field.bits)
            case 2: numbers[1] = field.double
            case 3 where type == .histogram: add(bucket: field.body, bytes)
            default: break
            }
        }
        // The format lets it be left out.
        if type == .histogram, bounds.last != .infinity {
            bounds.append(.infinity)
            numbers.append(numbers[0])
        }
    }

    private mutating func add(bucket range: Range<Int>, _ bytes: [UInt8]) {
        var (bound, count) = (0.0, 0.0)
        var fields = ProtobufFields(bytes, range)
        while let field = fields.next() {
            if field.number == 1 { count = Double(field.bits) }
            if field.number == 2 { bound = field.double }
        }
        bounds.append(bound)
        numbers.append(count)
    }
}
