/// The two kinds of files that a store has.
enum StoreFileKind {
    /// prometheus_client's: a value for each series.
    case entries
    /// Talon's own, beside them.
    case records

    /// Readers of `*.db` must not take up the others.
    var suffix: String {
        switch self {
        case .entries: ".db"
        case .records: ".records"
        }
    }

    /// What lies at `start`: where its key is, where the value is behind it, and where the next one starts.
    ///
    /// Nil at the end of the image; code `.format`.
    func item(at start: Int, in image: FileImage) throws(MetricError) -> (key: Range<Int>, value: Int, end: Int)? {
        switch self {
        case .entries: try EntryFormat.entry(at: start, in: image).map { ($0.key, $0.value, $0.end) }
        case .records: try RecordFormat.record(at: start, in: image).map { ($0.entry.key, $0.entry.value, $0.end) }
        }
    }
}
