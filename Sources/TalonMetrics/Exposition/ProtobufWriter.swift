/// Writes Protocol Buffers: https://protobuf.dev/programming-guides/encoding.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func string(_ field: Int, _ value: String) {
        tag(field, wire: 2)
        var value = value
        value.withUTF8 { text in
            varint(UInt64(text.count))
            bytes.append(contentsOf: text)
        }
    }

    mutating func double(_ field: Int, _ value: Double) {
        tag(field, wire: 1)
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
        }
    }

    /// For `uint64`, `int64`, `uint32`, `int32` and enumerations.
    mutating func integer(_ field: Int, _ value: UInt64) {
        tag(field, wire: 0)
        varint(value)
    }

    /// For `sint32` and `sint64`: small numbers of either sign are short.
    mutating func signed(_ field: Int, _ value: Int64) {
        integer(field, UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        tag(field, wire: 2)
        delimited(body)
    }

    /// A message behind its length.
    mutating func delimited(_ body: (inout ProtobufWriter) -> Void) {
        // The length is known only at the end; most need one byte.
        let start = bytes.count
        bytes.append(0)
        body(&self)
        var length = bytes.count - start - 1
        var place = start
        while length >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: length) | 0x80
            length >>= 7
            place += 1
            bytes.insert(0, at: place)
        }
        bytes[place] = UInt8(length)
    }

    private mutating func tag(_ field: Int, wire: UInt64) {
        varint(UInt64(field) << 3 | wire)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
