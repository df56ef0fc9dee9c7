/// What a run of an instance has counted, as far as it was seen.
struct InstanceCounts {
    /// In which scrape; see ``FleetTotals``.
    var seen = 0
    /// When its latest page was made; seconds since 1970.
    var time = 0.0
    /// Of its series, in the order of its page, which cells of a row they have.
    private var cells: [Range<Int32>] = []
    /// The numbers of all series, one behind the other.
    private var numbers: [Double] = []

    /// How much memory it takes, in numbers.
    var size: Int { numbers.count + cells.count }

    mutating func append(_ place: Range<Int>, _ new: some Sequence<Double>) {
        cells.append(Int32(place.lowerBound)..<Int32(place.upperBound))
        numbers.append(contentsOf: new)
    }

    /// Each series: its cells, and its numbers.
    func visit(_ body: (Range<Int>, ArraySlice<Double>) -> Void) {
        var next = 0
        for place in cells {
            body(Int(place.lowerBound)..<Int(place.upperBound), numbers[next..<next + place.count])
            next += place.count
        }
    }

    /// Adds them to a row. NaN in it: nothing yet.
    func add(to row: inout [Double]) {
        var next = 0
        for place in cells {
            for cell in Int(place.lowerBound)..<Int(place.upperBound) {
                row[cell] = row[cell].isNaN ? numbers[next] : row[cell] + numbers[next]
                next += 1
            }
        }
    }
}

extension InstanceCounts {
    /// Hands its series out, to a page that mostly has them in the same order.
    struct Reader {
        private let counts: InstanceCounts
        private var isTaken: [Bool]
        /// The series that is expected next, and where its numbers begin.
        private var next = 0
        private var offset = 0
        /// By first cells: which series, and where its numbers begin. Made when the order is another.
        private var places: [Int32: (index: Int, offset: Int)]?

        init(_ counts: InstanceCounts) {
            self.counts = counts
            isTaken = Array(repeating: false, count: counts.cells.count)
        }

        /// The numbers of the series that has these cells, or nil if it was not there.
        mutating func take(_ place: Range<Int>) -> ArraySlice<Double>? {
            if next >= counts.cells.count || Int(counts.cells[next].lowerBound) != place.lowerBound {
                guard let (index, start) = found(Int32(place.lowerBound)) else { return nil }
                (next, offset) = (index, start)
            }
            let found = counts.numbers[offset..<offset + place.count]
            isTaken[next] = true
            next += 1
            offset = found.endIndex
            return found
        }

        private mutating func found(_ cell: Int32) -> (index: Int, offset: Int)? {
            if let places { return places[cell] }
            var made: [Int32: (index: Int, offset: Int)] = [:]
            var offset = 0
            for (index, place) in counts.cells.enumerated() {
                made[place.lowerBound] = (index, offset)
                offset += place.count
            }
            places = made
            return made[cell]
        }

        /// Gives those that nobody took to others.
        func rest(to others: inout InstanceCounts) {
            var index = 0
            counts.visit { cells, numbers in
                if !isTaken[index] { others.append(cells, numbers) }
                index += 1
            }
        }
    }
}
