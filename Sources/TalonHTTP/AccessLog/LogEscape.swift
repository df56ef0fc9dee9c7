/// Text of a peer in a log line: what could end the line, end a quoted part or confuse a terminal is written in another
/// way, so that a request cannot forge lines.
extension [UInt8] {
    /// Appends one byte: `"` and `\` with a backslash, everything outside printable ASCII as `\xHH`.
    mutating func append(logged byte: UInt8) {
        switch byte {
        case Byte.quote, Byte.backslash:
            append(Byte.backslash)
            append(byte)
        case 0x20...0x7E: append(byte)
        default:
            append(Byte.backslash)
            append(0x78)
            append(hexDigit(byte >> 4))
            append(hexDigit(byte & 0x0F))
        }
    }

    /// Appends bytes escaped, `-` if there are none.
    mutating func append(logged bytes: Span<UInt8>) {
        if bytes.isEmpty { append(0x2D) }
        var start = 0
        while start < bytes.count {
            // What needs no escape, which is mostly all, goes in one piece.
            var end = start
            while end < bytes.count, isPlain(bytes[end]) { end += 1 }
            append(bytes.extracting(start..<end))
            if end < bytes.count { append(logged: bytes[end]) }
            start = end + 1
        }
    }

    @inline(__always)
    func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x20 < 0x5F && byte != Byte.quote && byte != Byte.backslash
    }

    /// Appends a path with its percent encoding resolved, as applications see it in PATH_INFO, and then escaped.
    mutating func append(loggedPath bytes: Span<UInt8>) {
        if bytes.isEmpty { append(0x2D) }
        var index = 0
        while index < bytes.count {
            if bytes[index] == Byte.percent, index + 2 < bytes.count, let high = Byte.hexValue(bytes[index + 1]),
                let low = Byte.hexValue(bytes[index + 2])
            {
                append(logged: high << 4 | low)
                index += 3
            } else {
                append(logged: bytes[index])
                index += 1
            }
        }
    }

    func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? Byte.zero + value : 0x37 + value
    }
}
