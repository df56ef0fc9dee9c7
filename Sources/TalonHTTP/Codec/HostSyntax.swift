/// `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2).
enum HostSyntax {
    /// Whether the bytes are a host with an optional port.
    ///
    /// Empty is valid: it is what a client sends for a target without authority (RFC 9112 §3.2).
    static func isValid(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        let part = bytes.extracting(range.range)
        guard part.count > 0 else { return true }
        guard let hostEnd = part[0] == Byte.openBracket ? literalEnd(part) : nameEnd(part) else { return false }
        return isPort(part, from: hostEnd)
    }

    /// The end of a registered name or an IPv4 address; nil for a broken percent encoding.
    private static func nameEnd(_ part: Span<UInt8>) -> Int? {
        var index = 0
        while index < part.count, ByteClass.of(part[index]) & ByteClass.host != 0 {
            if part[index] == Byte.percent {
                guard index + 2 < part.count, part.skip(ByteClass.hex, from: index + 1, to: index + 3) == index + 3
                else { return nil }
            }
            index += 1
        }
        return index
    }

    /// The end of `[IPv6]` or `[vX.…]`: what may be inside is checked, not whether it is an address.
    private static func literalEnd(_ part: Span<UInt8>) -> Int? {
        var index = 1
        let isFuture = part.count > 1 && Byte.lower(part[1]) == 0x76
        while index < part.count, part[index] != Byte.closeBracket {
            let byte = part[index]
            let isAddress = ByteClass.of(byte) & ByteClass.hex != 0 || byte == 0x2E || byte == Byte.colon
            let isOther = isFuture && ByteClass.of(byte) & ByteClass.host != 0 && byte != Byte.percent
            guard isAddress || isOther else { return nil }
            index += 1
        }
        return index < part.count && index > 2 ? index + 1 : nil
    }

    private static func isPort(_ part: Span<UInt8>, from start: Int) -> Bool {
        if start == part.count { return true }
        guard part[start] == Byte.colon, part.count - start <= 6 else { return false }
        var port = 0
        for index in start + 1..<part.count {
            let digit = part[index] &- Byte.zero
            guard digit < 10 else { return false }
            port = port * 10 + Int(digit)
        }
        return port <= 65535
    }
}
