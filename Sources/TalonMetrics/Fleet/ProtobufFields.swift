/// Reads the fields of a message: https://protobuf.dev/programming-guides/encoding. The bytes may be anybody's.
struct ProtobufFields {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    /// They are no message: what was read until then may be nonsense.
    private(set) var isBroken = false

    struct Field {
        let number: UInt64
        /// The field with its tag.
        let whole: Range<Int>
        /// What a length-delimited one has; else nothing.
        let body: Range<Int>
        /// A varint, or the bits of a fixed one.
        let bits: UInt64

        var double: Double { Double(bitPattern: bits) }
    }

    /// The message in these bytes; the range must be within them.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// nil at the end.
    mutating func next() -> Field? {
        guard position < end else { return nil }
        let start = position
        guard let tag = varint() else { return broken() }
        let body: Range<Int>
        var bits: UInt64 = 0
        switch tag & 7 {
        case 0:
            guard let value = varint() else { return broken() }
            (bits, body) = (value, position..<position)
        case 1, 5:
            let size = tag & 7 == 1 ? 8 : 4
            guard end - position >= size else { return broken() }
            for index in 0..<size { bits |= UInt64(bytes[position + index]) << UInt64(8 * index) }
            position += size
            body = position..<position
        case 2:
            guard let length = varint(), length <= UInt64(end - position) else { return broken() }
            body = position..<position + Int(length)
            position += Int(length)
        default: return broken()
        }
        return Field(number: tag >> 3, whole: start..<position, body: body, bits: bits)
    }

    /// The next message of a row of them, each behind its length; nil at the end.
    mutating func nextDelimited() -> Range<Int>? {
        guard position < end else { return nil }
        guard let length = varint(), length <= UInt64(end - position) else {
            _ = broken()
            return nil
        }
        defer { position += Int(length) }
        return position..<position + Int(length)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private mutating func broken() -> Field? {
        isBroken = true
        position = end
        return nil
    }
}
