/// Writes a chunked body (RFC 9112 §7.1): `header`, the data, `ending`, and once `last`.
package enum ChunkEncoder {
    /// The line before the data of a chunk.
    ///
    /// The size must not be zero: that would end the body.
    package static func header(size: Int, into out: inout [UInt8]) {
        precondition(size > 0, "a chunk of no bytes ends the body")
        var shift = (63 - size.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: size >> shift) & 0x0F
            out.append(digit < 10 ? Byte.zero + digit : 0x37 + digit)
            shift -= 4
        }
        ending(into: &out)
    }

    /// The line end after the data of a chunk.
    package static func ending(into out: inout [UInt8]) {
        out.append(Byte.carriageReturn)
        out.append(Byte.lineFeed)
    }

    /// The last chunk, without trailers.
    package static func last(into out: inout [UInt8]) {
        out.append(literal: "0\r\n\r\n")
    }
}
