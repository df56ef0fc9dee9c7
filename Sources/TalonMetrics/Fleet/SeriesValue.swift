/// The numbers of one series of a page.
struct SeriesValue {
    /// The value; of histograms and summaries the sum of what was observed.
    private(set) var value = 0.0
    /// How many observations there were.
    private(set) var count = 0.0
    /// Of histograms: upper bounds from the least to +Inf, and how many observations were not above each.
    private(set) var bounds: [Double] = []
    private(set) var counts: [Double] = []
    private let type: MetricType

    /// What never falls within a run: the value of a counter, else the number of observations.
    var main: Double { type == .counter ? value : count }

    /// Of the message in this place.
    init(_ bytes: [UInt8], _ range: Range<Int>, type: MetricType) {
        self.type = type
        var fields = ProtobufFields(bytes, range)
        guard type == .histogram || type == .summary else {
            while let field = fields.next() { if field.number == 1 { value = field.double } }
            return
        }
        while let field = fields.next() {
            switch field.number {
            case 1: count = Double(field.bits)
            case 2: value = field.double
            case 3 where type == .histogram: add(bucket: field.body, bytes)
            default: break
            }
        }
        // The format lets it be left out.
        if type == .histogram, bounds.last != .infinity {
            bounds.append(.infinity)
            counts.append(count)
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
        counts.append(count)
    }
}
