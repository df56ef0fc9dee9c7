/// Text of a peer within quotation marks of JSON (RFC 8259 §7): always UTF-8, whatever the peer has sent.
extension [UInt8] {
    /// Appends bytes escaped. What is no UTF-8 becomes U+FFFD, a byte each.
    mutating func append(json text: Span<UInt8>) {
        var start = 0
        while start < text.count {
            // What needs no escape, which is mostly all, goes in one piece.
            var end = start
            while end < text.count, isPlain(text[end]) { end += 1 }
            append(text.extracting(start..<end))
            start = end
            if end < text.count { start += append(jsonAt: end, of: text) }
        }
    }

    /// Appends one character that may need an escape. Returns its length.
    private mutating func append(jsonAt index: Int, of text: Span<UInt8>) -> Int {
        let byte = text[index]
        switch byte {
        case Byte.quote, Byte.backslash:
            append(Byte.backslash)
            append(byte)
            return 1
        case 0..<0x20, 0x7F:
            append(control: byte)
            return 1
        default: break
        }
        let length = text.lengthOfUTF8(at: index)
        if length == 0 {
            append(literal: "\\ufffd")
            return 1
        }
        // The second set of control characters, of which some are commands to a terminal.
        if byte == 0xC2, text[index + 1] < 0xA0 {
            append(control: text[index + 1])
        } else {
            append(text.extracting(index..<index + length))
        }
        return length
    }

    private mutating func append(control byte: UInt8) {
        append(literal: "\\u00")
        append(hexDigit(byte >> 4))
        append(hexDigit(byte & 0x0F))
    }
}

extension Span<UInt8> {
    /// How many bytes the character of more than one byte has that begins here; 0 if none does (RFC 3629 §4).
    fileprivate func lengthOfUTF8(at index: Int) -> Int {
        let lead = self[index]
        let length =
            switch lead {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard length > 0, index + length <= count else { return 0 }
        // The second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF.
        let second =
            switch lead {
            case 0xE0: UInt8(0xA0)...0xBF
            case 0xED: UInt8(0x80)...0x9F
            case 0xF0: UInt8(0x90)...0xBF
            case 0xF4: UInt8(0x80)...0x8F
            default: UInt8(0x80)...0xBF
            }
        guard second.contains(self[index + 1]) else { return 0 }
        for offset in 2..<Swift.max(length, 2) where self[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
