/// The shortest decimal digits of a finite number: `0.d1d2d3… × 10^point`. Allocates nothing for whole numbers.
struct DecimalDigits {
    let isNegative: Bool
    /// ASCII, `count` of them; 17 are the most that a double needs, and Swift's description has some zeros more.
    private var digits = InlineArray<32, UInt8>(repeating: zero)
    private var count = 0
    private var point = 0

    private static let zero = UInt8(ascii: "0")
    /// Below it every whole number is a double, and its own digits are the shortest that read back as it.
    private static let wholeLimit = 9_007_199_254_740_992.0

    /// The exponent in the form `d.ddd × 10^exponent`.
    var exponent: Int { point - 1 }
    var isWhole: Bool { count <= point }

    /// Nil for infinities and NaN.
    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        isNegative = value.sign == .minus
        let magnitude = value.magnitude
        if magnitude < Self.wholeLimit, magnitude == magnitude.rounded(.towardZero) {
            take(UInt64(magnitude))
        } else {
            take(magnitude.description)
        }
        while count > 1, digits[count - 1] == Self.zero { count -= 1 }
    }

    private mutating func take(_ whole: UInt64) {
        var rest = whole
        var length = 1
        var power: UInt64 = 10
        while power <= rest {
            length += 1
            power *= 10
        }
        for place in stride(from: length - 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[place] = Self.zero + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        count = length
        point = length
    }

    /// Swift's own description has the shortest digits already, in another layout.
    private mutating func take(_ description: String) {
        var description = description
        var exponent = 0
        // As one run of bytes: an iterator over the text takes longer than Swift did to find the digits.
        description.withUTF8 { text in
            var seenPoint = false
            for offset in text.indices {
                switch text[offset] {
                case UInt8(ascii: "."):
                    seenPoint = true
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    take(digit: text[offset], isFraction: seenPoint)
                default:
                    exponent = Int(String(decoding: text[(offset + 1)...], as: UTF8.self)) ?? 0
                    return
                }
            }
        }
        point += exponent
    }

    private mutating func take(digit: UInt8, isFraction: Bool) {
        // Zeros in front count only for where the point is.
        if count == 0, digit == Self.zero {
            if isFraction { point -= 1 }
            return
        }
        if !isFraction { point += 1 }
        guard count < digits.count else { return }
        digits[count] = digit
        count += 1
    }

    func appendPlain(to output: inout [UInt8]) {
        if isNegative { output.append(UInt8(ascii: "-")) }
        if point <= 0 { output.append(Self.zero) }
        for place in 0..<max(point, 0) { output.append(place < count ? digits[place] : Self.zero) }
        guard !isWhole else { return }
        output.append(UInt8(ascii: "."))
        for _ in 0..<max(-point, 0) { output.append(Self.zero) }
        for place in max(point, 0)..<count { output.append(digits[place]) }
    }

    func appendScientific(to output: inout [UInt8]) {
        if isNegative { output.append(UInt8(ascii: "-")) }
        output.append(digits[0])
        if count > 1 {
            output.append(UInt8(ascii: "."))
            for place in 1..<count { output.append(digits[place]) }
        }
        output.append(UInt8(ascii: "e"))
        output.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        if exponent.magnitude < 10 { output.append(Self.zero) }
        output.append(contentsOf: String(exponent.magnitude).utf8)
    }
}
