/// A part of a connection's read buffer: offsets from the first byte of the request.
///
/// Half the size of `Range<Int>`, because a head keeps two for each field. A head is far shorter than 2 GiB.
package struct ByteRange: Equatable, Sendable {
    /// The first offset of the range.
    package let lower: Int32
    /// The first offset after the range.
    package let upper: Int32

    /// The range of these offsets; both are within the limits of a head, so they fit.
    init(_ lower: Int, _ upper: Int) {
        self.lower = Int32(truncatingIfNeeded: lower)
        self.upper = Int32(truncatingIfNeeded: upper)
    }

    /// A range of no bytes.
    package static let empty = ByteRange(0, 0)

    /// How many bytes it covers.
    @inlinable package var count: Int { Int(upper) - Int(lower) }

    /// Whether it covers none.
    @inlinable package var isEmpty: Bool { lower == upper }

    /// The same range for subscripts and `Span.extracting`.
    @inlinable package var range: Range<Int> { Int(lower)..<Int(upper) }
}

/// A field line of a request (RFC 9112 §5): where its name and its value are.
package struct HeaderField: Equatable, Sendable {
    /// The name as it was sent, in the client's case.
    package let name: ByteRange
    /// The value without the white space around it.
    package let value: ByteRange
    /// Whether the name has an underscore; such fields are here only with `UnderscoredNames.keep`.
    package let isUnderscored: Bool
}
