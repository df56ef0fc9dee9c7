/// The user of `Authorization: Basic …` (RFC 7617 §2), for the `u` atom.
enum BasicUser {
    private static let scheme = Array("basic ".utf8)

    /// Appends the user's name escaped, or `-` if there is none.
    ///
    /// The password is not decoded beyond the colon.
    static func append(_ value: Span<UInt8>, into out: inout [UInt8]) {
        let start = out.count
        decode(value) { out.append(logged: $0) }
        if out.count == start { out.append(0x2D) }
    }

    /// Gives the bytes of the user's name one by one.
    ///
    /// Base64 is decoded up to the first colon: without a colon the text is no user and no password, but may be a secret.
    static func decode(_ value: Span<UInt8>, _ take: (UInt8) -> Void) {
        guard value.count > scheme.count, value.matches(scheme, ByteRange(0, scheme.count)) else { return }
        guard walk(value, { _ in }) else { return }
        _ = walk(value, take)
    }

    /// False if it is no Base64 with a colon in it.
    private static func walk(_ value: Span<UInt8>, _ take: (UInt8) -> Void) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        for index in scheme.count..<value.count {
            if count == 0, Byte.isBlank(value[index]) { continue }
            guard let sextet = sextet(value[index]) else { return false }
            bits = bits << 6 | UInt32(sextet)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            let byte = UInt8(truncatingIfNeeded: bits >> UInt32(count))
            if byte == Byte.colon { return true }
            take(byte)
        }
        return false
    }

    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x47
        case 0x30...0x39: byte + 4
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
