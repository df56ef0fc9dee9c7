/// What series of a run had counted before they fell: they have begun anew, as Prometheus has it.
struct FallenCounts {
    /// By cells.
    private var numbers: [Range<Int>: [Double]] = [:]

    mutating func add(_ cells: Range<Int>, _ more: ArraySlice<Double>) {
        numbers[cells] = numbers[cells].map { zip($0, more).map(+) } ?? Array(more)
    }

    /// Takes in what another has seen of the same run: the greater ones stay.
    mutating func merge(_ others: InstanceCounts) {
        others.visit { cells, others in
            if let own = numbers[cells]?.first, let other = others.first, own >= other { return }
            numbers[cells] = Array(others)
        }
    }

    /// Adds them to a row. NaN in it: nothing yet.
    func add(to row: inout [Double]) {
        var counts = InstanceCounts()
        for (cells, numbers) in numbers { counts.append(cells, numbers) }
        counts.add(to: &row)
    }
}
