/// Where one record of a `.records` file lies: what a `.db` file has no room for.
///
/// A file of records is laid out as a `.db` file, but behind each entry are the words that its value announces:
///
///     0  int32 used bytes, 4 bytes of padding
///     8  records: int32 key length, key, 1 to 8 spaces up to a multiple of 8, uint64 number of words, uint64 0, words
///
/// Byte order is the machine's. What the words mean, the key says (``RecordLayout``).
struct RecordFormat {
    let entry: EntryFormat
    /// How many words it has.
    let count: Int

    /// Where the words start, a multiple of 8.
    var words: Int { entry.end }
    /// Where the next record starts.
    var end: Int { words + 8 * count }

    /// The bytes of a new record; all its words are 0.
    static func encode(key: [UInt8], count: Int) -> [UInt8] {
        var bytes = EntryFormat.encode(key: key)
        let announced = withUnsafeBytes(of: UInt64(count)) { Array($0) }
        bytes.replaceSubrange(bytes.count - 16..<bytes.count - 8, with: announced)
        return bytes + [UInt8](repeating: 0, count: 8 * count)
    }

    /// The record that starts at `start`, or nil at the end of the image.
    ///
    /// Code `.format` if it does not fit in.
    static func record(at start: Int, in image: FileImage) throws(MetricError) -> RecordFormat? {
        guard let entry = try EntryFormat.entry(at: start, in: image) else { return nil }
        let count = image.word(at: entry.value)
        guard count <= UInt64(image.bytes.count - entry.end) / 8 else {
            throw MetricError(.format, "at \(start) it says that a record of \(count) words follows")
        }
        return RecordFormat(entry: entry, count: Int(count))
    }
}

extension FileImage {
    /// The word at `offset`; 0 outside the image.
    func word(at offset: Int) -> UInt64 { double(at: offset).bitPattern }
}
