/// The values of one kind of file, joined: what becomes of many files of writers that have ended.
struct ArchiveValues {
    /// How values of several files are joined.
    private let aggregation: GaugeMode.Aggregation
    private let isGauge: Bool
    private var cells: [Cell] = []
    /// Where the cell of each key is; nil of what is no key, and left out.
    private var positions: [[UInt8]: Int?] = [:]

    private struct Cell {
        let key: [UInt8]
        /// Whether it is a number of things, which a negative number or NaN cannot be.
        let isCount: Bool
        var value: Double
        var timestamp: Double
    }

    /// Nil for gauges that each process has for itself, or that live no longer than it: nothing of them is kept.
    init?(_ name: MetricFileName) {
        isGauge = name.type == .gauge
        guard let mode = name.mode else {
            aggregation = .sum
            return
        }
        guard !mode.isLive, mode.aggregation != .perProcess else { return nil }
        aggregation = mode.aggregation
    }

    /// Takes in what a file has, but for what the reader leaves out too.
    ///
    /// Code `.format` if the file is damaged; then nothing of it is taken.
    mutating func add(_ image: FileImage) throws(MetricError) {
        var entries: [EntryFormat] = []
        while let entry = try EntryFormat.entry(at: entries.last?.end ?? EntryFormat.headerSize, in: image) {
            entries.append(entry)
        }
        for entry in entries {
            let key = Array(image.bytes[entry.key])
            let (value, timestamp) = (image.double(at: entry.value), image.double(at: entry.timestamp))
            if let known = positions[key] {
                if let known { join(value, timestamp, at: known) }
            } else {
                positions[key] = learn(key, value, timestamp)
            }
        }
    }

    /// Makes a cell for a new key; nil if it is none.
    private mutating func learn(_ key: [UInt8], _ value: Double, _ timestamp: Double) -> Int? {
        guard let parsed = KeyParser.parse(key[...]) else { return nil }
        let isCount = !isGauge && !parsed.sample.hasSuffix("_sum")
        let isFit = !isCount || value >= 0
        cells.append(Cell(key: key, isCount: isCount, value: isFit ? value : 0, timestamp: timestamp))
        return cells.count - 1
    }

    private mutating func join(_ value: Double, _ timestamp: Double, at position: Int) {
        let before = cells[position]
        switch aggregation {
        case .sum:
            if !before.isCount || value >= 0 { cells[position].value = before.value + value }
        case .least:
            if value < before.value { cells[position].value = value }
        case .greatest:
            if value > before.value { cells[position].value = value }
        case .mostRecent, .perProcess:
            guard timestamp > before.timestamp else { return }
            cells[position].value = value
            cells[position].timestamp = timestamp
        }
    }

    /// The bytes of a file that holds them.
    ///
    /// Code `.full` if the reader would refuse so large a file.
    func encoded() throws(MetricError) -> [UInt8] {
        var entries: [UInt8] = []
        for cell in cells {
            entries += EntryFormat.encode(key: cell.key, value: cell.value, timestamp: cell.timestamp)
        }
        let used = EntryFormat.headerSize + entries.count
        guard used <= FileImage.limit else { throw MetricError(.full, "the archive would have \(used) bytes") }
        return EntryFormat.header(used: used) + entries
    }
}
