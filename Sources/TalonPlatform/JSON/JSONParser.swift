/// Reads JSON from bytes of a stranger; RFC 8259, to the letter.
///
/// What is nested deeper than ``depthLimit`` is refused; how long the text may be is for the caller to say.
struct JSONParser {
    /// Levels of lists and objects. Each takes stack.
    static let depthLimit = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.next == nil else { throw parser.error("the end") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ expected: String) -> JSONError { JSONError(offset: position, expected: expected) }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// Takes the byte if it is the next.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard let byte = next else { throw error("a value") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.list() }
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .truth(true))
        case UInt8(ascii: "f"): return try word("false", .truth(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < JSONParser.depthLimit else { throw error("at most \(JSONParser.depthLimit) levels") }
        depth += 1
        position += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[position...].starts(with: text.utf8) else { throw error(text) }
        position += text.utf8.count
        return value
    }

    private mutating func list() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        if take("]") { return .list([]) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take("]") { return .list(elements) }
            guard take(",") else { throw error(", or ]") }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var fields: [(name: String, value: JSON)] = []
        if take("}") { return .object([]) }
        while true {
            skipSpace()
            let name = try string()
            skipSpace()
            guard take(":") else { throw error(":") }
            skipSpace()
            fields.append((name, try value()))
            skipSpace()
            if take("}") { return .object(fields) }
            guard take(",") else { throw error(", or }") }
        }
    }

    // MARK: Numbers

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw error("a digit") }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        var isWhole = true
        let isNegative = take("-")
        guard let first = next, (0x30...0x39).contains(first) else { throw error(isNegative ? "a digit" : "a value") }
        if !take("0") { try digits() }
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int(text) { return .number(number) }
        guard let number = Double(text), number.isFinite else { throw error("a number of this machine") }
        return .real(number)
    }

    // MARK: Texts

    private mutating func string() throws(JSONError) -> String {
        guard take("\"") else { throw error("\"") }
        var content: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else { throw error("UTF-8") }
                return text
            case UInt8(ascii: "\\"):
                position += 1
                content += try escaped().utf8
            case 0..<0x20: throw error("an escape instead of a control character")
            default:
                content.append(byte)
                position += 1
            }
        }
        throw error("\"")
    }

    /// What follows a backslash.
    private mutating func escaped() throws(JSONError) -> String {
        guard let byte = next else { throw error("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try character())
        default: throw error("an escape")
        }
    }

    /// The character of `\uXXXX`, or of two of them; half of such a pair is none.
    private mutating func character() throws(JSONError) -> Character {
        let first = try codeUnit()
        var scalar = Unicode.Scalar(first)
        if UTF16.isLeadSurrogate(first), take("\\"), take("u") {
            let second = try codeUnit()
            if UTF16.isTrailSurrogate(second) {
                scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
            }
        }
        guard let scalar else { throw error("a whole surrogate pair") }
        return Character(scalar)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

/// A text that is no JSON.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// The byte where it is wrong.
    package let offset: Int
    /// What should have been there.
    package let expected: String

    package var description: String { "no JSON: expected \(expected) at byte \(offset)" }
}

extension JSON {
    /// Reads one value and nothing else. Safe with whatever bytes.
    package init(_ bytes: [UInt8]) throws(JSONError) {
        self = try JSONParser.parse(bytes)
    }
}
