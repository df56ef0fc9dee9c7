/// Writes values one after another, for a reader that knows the order. Little endian.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func put(_ number: UInt32) {
        putBytes(of: number)
    }

    package mutating func put(_ number: UInt64) {
        putBytes(of: number)
    }

    package mutating func put(_ text: String) {
        put(Array(text.utf8))
    }

    package mutating func put(_ block: [UInt8]) {
        put(UInt32(block.count))
        bytes += block
    }

    private mutating func putBytes<Number: FixedWidthInteger>(of number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}

/// Reads what a ``ByteWriter`` wrote. The bytes may come from an untrusted process: nothing is assumed of them.
package struct ByteReader {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The bytes end too early, or a length is larger than what is left.
    package struct Truncated: Error {
        package init() {}
    }

    package mutating func number32() throws(Truncated) -> UInt32 {
        UInt32(truncatingIfNeeded: try number(bytes: 4))
    }

    package mutating func number64() throws(Truncated) -> UInt64 {
        try number(bytes: 8)
    }

    package mutating func text() throws(Truncated) -> String {
        String(decoding: try slice(), as: UTF8.self)
    }

    package mutating func block() throws(Truncated) -> [UInt8] {
        Array(try slice())
    }

    private mutating func slice() throws(Truncated) -> ArraySlice<UInt8> {
        let count = Int(try number32())
        guard count <= rest.count else { throw Truncated() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    package var isAtEnd: Bool { rest.isEmpty }

    private mutating func number(bytes count: Int) throws(Truncated) -> UInt64 {
        guard rest.count >= count else { throw Truncated() }
        var value: UInt64 = 0
        for (index, byte) in rest.prefix(count).enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
        rest = rest.dropFirst(count)
        return value
    }
}
