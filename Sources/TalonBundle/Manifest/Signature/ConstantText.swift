import TalonHooks
import TalonYAML

/// The text of a constant, read as a value of a signature's type.
enum ConstantText {
    /// A decimal number, or hexadecimal after 0x, with or without a sign; nil if it is none.
    static func integer(_ text: String) -> Int128? {
        var digits = text[...]
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
        if isHexadecimal { digits = digits.dropFirst(2) }
        // More digits than any type has room for; a leading sign is not ours to skip twice.
        guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+"),
            digits.utf8.count <= 24, let magnitude = Int128(digits, radix: isHexadecimal ? 16 : 10)
        else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    /// A finite number in decimal notation; nil if it is none.
    static func number(_ text: String) -> Double? {
        let allowed = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard allowed, text.utf8.count <= 64, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// The value of `text` as an argument of that type.
    static func source(
        _ text: String, as type: CallType, at place: YAMLPlace
    ) throws(YAMLError) -> CallSignature.Source {
        func refusal(_ wanted: String) -> YAMLError {
            place.error("\(place.found(text)), which is no \(type.rawValue); use \(wanted)")
        }
        switch type {
        case .bool:
            guard let flag = YAMLField.flag(text) else { throw refusal("true or false") }
            return .integer(flag ? 1 : 0)
        case .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64:
            guard let range = type.integerRange, let integer = integer(text) else { throw refusal("a whole number") }
            guard integer >= Int128(range.lower), integer <= Int128(range.upper) else {
                throw refusal("\(range.lower) to \(range.upper), or a wider type")
            }
            return .integer(UInt64(truncatingIfNeeded: integer))
        case .f32, .f64:
            guard let number = number(text) else { throw refusal("a number") }
            guard type == .f64 || Float(number).isFinite else { throw refusal("a smaller number, or f64") }
            return .real(number)
        case .cstr, .str:
            return .text(text)
        case .ptr:
            guard text == "null" else { throw refusal("null, the only constant pointer") }
            return .integer(0)
        case .void, .fn:
            throw place.error("a \(type.rawValue) cannot be a constant; use a fact, such as fn host.log_line")
        }
    }
}
