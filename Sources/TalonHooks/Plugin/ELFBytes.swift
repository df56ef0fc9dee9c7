/// Numbers and texts at offsets of a hostile file. What lies outside of it is damage.
struct ELFBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// A little endian number at `offset`. One that does not fit an Int is damage.
    func number(_ offset: Int, _ size: Int) throws(ELFImage.Problem) -> Int {
        guard offset >= 0, offset <= bytes.count - size else { throw .damaged }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        guard let result = Int(exactly: value) else { throw .damaged }
        return result
    }

    /// A part of the file, which must be inside of it.
    func range(_ start: Int, _ size: Int) throws(ELFImage.Problem) -> Range<Int> {
        guard start >= 0, size >= 0, size <= bytes.count, start <= bytes.count - size else { throw .damaged }
        return start..<(start + size)
    }

    /// The text at an offset of a table of texts; nil if it is longer than `limit` bytes.
    func text(_ offset: Int, in strings: Range<Int>, limit: Int) throws(ELFImage.Problem) -> String? {
        guard offset >= 0, offset < strings.count else { throw .damaged }
        let start = strings.lowerBound + offset
        let text = bytes[start..<min(strings.upperBound, start + limit + 1)].prefix { $0 != 0 }
        guard text.count <= limit else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
