/// Whole pieces at once; the standard library has only single bytes.
extension OutputSpan where Element == UInt8 {
    /// Appends the bytes of a span, for which there must be room.
    @inlinable
    package mutating func append(copying bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(copying: $0) }
    }

    /// Appends the bytes of a literal, for which there must be room.
    @inlinable
    package mutating func append(literal: StaticString) {
        append(copying: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    @inlinable
    mutating func append(copying source: UnsafeBufferPointer<UInt8>) {
        precondition(source.count <= freeCapacity, "no room for the bytes")
        withUnsafeMutableBufferPointer { buffer, initialized in
            guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
            (to + initialized).initialize(from: from, count: source.count)
            initialized += source.count
        }
    }
}
