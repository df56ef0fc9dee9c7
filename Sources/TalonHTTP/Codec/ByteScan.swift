import TalonPlatform

/// The bytes the codec names.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let percent: UInt8 = 0x25
    static let asterisk: UInt8 = 0x2A
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let question: UInt8 = 0x3F
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D

    /// Optional white space (RFC 9110 §5.6.3).
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// An ASCII letter in upper case, any other byte unchanged.
    static func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }

    /// An ASCII letter in lower case, any other byte unchanged.
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// The first offset in `start..<end` whose byte is not of these classes, or `end`.
    @inline(__always)
    func skip(_ classes: UInt8, from start: Int, to end: Int) -> Int {
        // A span of its own, because then its count is the loop's bound and the bounds check of each byte goes away.
        let part = extracting(start..<end)
        var index = 0
        while index < part.count, ByteClass.of(part[index]) & classes != 0 { index += 1 }
        return start + index
    }

    /// As `skip` for the class `value`, for texts that are mostly long.
    @inline(__always)
    func skipValue(from start: Int, to end: Int) -> Int {
        var index = start
        // Sixteen at a time, without a branch in between, because the compiler makes one vector operation of that.
        while index &+ 16 <= end {
            let block = extracting(index..<index &+ 16)
            var stops: UInt8 = 0
            for offset in 0..<16 {
                let byte = block[offset]
                stops |= (byte < Byte.space ? 1 : 0) | (byte == 0x7F ? 1 : 0)
            }
            if stops != 0 { break }
            index &+= 16
        }
        return skip(ByteClass.value, from: index, to: end)
    }

    /// The range without the white space at both ends (RFC 9110 §5.6.3).
    func trimmed(_ start: Int, _ end: Int) -> ByteRange {
        var lower = start
        var upper = end
        while lower < upper, Byte.isBlank(self[lower]) { lower += 1 }
        while upper > lower, Byte.isBlank(self[upper - 1]) { upper -= 1 }
        return ByteRange(lower, upper)
    }

    /// The same for a value of several lines: without the line ends at both ends, too (RFC 9112 §5.2).
    func trimmedLines(_ start: Int, _ end: Int) -> ByteRange {
        func isSpace(_ byte: UInt8) -> Bool {
            Byte.isBlank(byte) || byte == Byte.carriageReturn || byte == Byte.lineFeed
        }
        var lower = start
        var upper = end
        while lower < upper, isSpace(self[lower]) { lower += 1 }
        while upper > lower, isSpace(self[upper - 1]) { upper -= 1 }
        return ByteRange(lower, upper)
    }

    /// Whether all bytes are of one of these classes.
    func isAll(_ classes: UInt8) -> Bool {
        skip(classes, from: 0, to: count) == count
    }

    /// Whether the bytes are this word, given in lower case; ASCII letters match in either case.
    func matches(_ word: [UInt8], _ range: ByteRange) -> Bool {
        guard range.count == word.count else { return false }
        let part = extracting(range.range)
        for index in 0..<word.count where Byte.lower(part[index]) != word[index] { return false }
        return true
    }

    /// Whether the bytes are this word of the codec, in either case.
    @inline(__always)
    func matches<let length: Int>(_ word: InlineArray<length, UInt8>, _ range: ByteRange) -> Bool {
        guard range.count == length else { return false }
        let part = extracting(range.range)
        for index in 0..<length where Byte.lower(part[index]) != word[index] { return false }
        return true
    }

    /// `1*DIGIT` that fits an `Int64` (RFC 9110 §8.6), else nil: no sign, no white space, no list.
    func decimal(_ range: ByteRange) -> Int64? {
        guard !range.isEmpty else { return nil }
        let part = extracting(range.range)
        var value: Int64 = 0
        for index in part.indices {
            let digit = part[index] &- Byte.zero
            guard digit < 10 else { return nil }
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = shifted.addingReportingOverflow(Int64(digit))
            guard !overflowed, !carried else { return nil }
            value = sum
        }
        return value
    }
}

extension [UInt8] {
    /// Appends the bytes of a literal.
    @inline(__always)
    mutating func append(literal: String) { append(contentsOf: literal.utf8) }

    /// Appends the bytes of a span.
    mutating func append(_ bytes: Span<UInt8>) {
        append(addingCapacity: bytes.count) { (output: inout OutputSpan<UInt8>) in output.append(copying: bytes) }
    }

    /// Appends a number of zero or more in decimal digits, with zeros in front up to `width`.
    mutating func append(decimal value: Int64, width: Int = 1) {
        append(addingCapacity: 20) { (output: inout OutputSpan<UInt8>) in output.append(decimal: value, width: width) }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends a number of zero or more in decimal digits, with zeros in front up to `width`; 20 bytes at most.
    mutating func append(decimal value: Int64, width: Int = 1) {
        var digits = InlineArray<20, UInt8>(repeating: Byte.zero)
        var rest = value.magnitude
        var first = 20
        repeat {
            first -= 1
            digits[first] = Byte.zero + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        first = Swift.min(first, 20 - Swift.min(width, 20))
        for index in first..<20 { append(digits[index]) }
    }
}
