/// Where one entry of a metric file lies.
///
/// Layout: reference/exporter-inventory.md §4.4, prometheus_client mmap_dict.py.
///
///     0  int32 used bytes, 4 bytes of padding
///     8  entries: int32 key length, key, 1 to 8 spaces up to a multiple of 8, double value, double timestamp
struct EntryFormat {
    /// Where the first entry starts.
    static let headerSize = 8

    /// Where the entry starts.
    let start: Int
    let keyLength: Int

    var key: Range<Int> { start + 4..<start + 4 + keyLength }
    /// Where the value lies, a multiple of 8.
    var value: Int { start + Self.paddedKey(keyLength) }
    /// Where the timestamp lies, in seconds since 1970.
    var timestamp: Int { value + 8 }
    /// Where the next entry starts.
    var end: Int { value + 16 }

    /// The size of the length field and the key with its spaces.
    private static func paddedKey(_ length: Int) -> Int {
        4 + length + (8 - (4 + length) % 8)
    }

    /// The bytes of an entry.
    static func encode(key: [UInt8], value: Double = 0, timestamp: Double = 0) -> [UInt8] {
        let padded = paddedKey(key.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(padded + 16)
        append(UInt32(truncatingIfNeeded: key.count), to: &bytes)
        bytes.append(contentsOf: key)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padded - 4 - key.count))
        append(value.bitPattern, to: &bytes)
        append(timestamp.bitPattern, to: &bytes)
        return bytes
    }

    /// The bytes before the first entry.
    static func header(used: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt32(truncatingIfNeeded: used), to: &bytes)
        return bytes + [0, 0, 0, 0]
    }

    /// In the byte order of this machine.
    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    /// The entry that starts at `start`, or nil at the end of the image.
    ///
    /// Code `.format` if it does not fit in.
    static func entry(at start: Int, in image: FileImage) throws(MetricError) -> EntryFormat? {
        guard start < image.bytes.count else { return nil }
        let length = Int(image.int32(at: start))
        let entry = EntryFormat(start: start, keyLength: length)
        guard length > 0, length <= image.bytes.count, entry.end <= image.bytes.count else {
            throw MetricError(.format, "at \(start) it says that a key of \(length) bytes follows")
        }
        return entry
    }
}
