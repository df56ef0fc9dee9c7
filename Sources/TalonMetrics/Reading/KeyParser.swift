/// Reads the key of an entry: a JSON array of the metric's name, the sample's name, the labels, and the help text.
///
/// The bytes may be anything. The shape is fixed, so there is no recursion that a hostile key could deepen.
struct KeyParser {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// The key, or nil if the bytes are not one.
    static func parse(_ bytes: ArraySlice<UInt8>) -> MetricKey? {
        var parser = KeyParser(bytes: bytes, position: bytes.startIndex)
        return parser.key()
    }

    private mutating func key() -> MetricKey? {
        guard take("["), let metric = string(), take(","), let sample = string(), take(","),
            let labels = labels(), take(","), let help = string(), take("]"), peek() == nil
        else { return nil }
        return MetricKey(metric: metric, sample: sample, labels: labels, help: help)
    }

    private mutating func labels() -> [Label]? {
        guard take("{") else { return nil }
        var labels: [Label] = []
        if take("}") { return [] }
        // As every writer has them.
        var isSorted = true
        repeat {
            guard let name = string(), take(":"), let value = string() else { return nil }
            if let last = labels.last, last.name >= name { isSorted = false }
            labels.append(Label(name, value))
        } while take(",")
        guard take("}") else { return nil }
        if isSorted { return labels }
        // Of a name that is there twice the last counts.
        return Dictionary(labels.map { ($0.name, $0.value) }) { $1 }.map { Label($0.key, $0.value) }.sorted()
    }

    /// The next byte that is not white space.
    private mutating func peek() -> UInt8? {
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func next() -> UInt8? {
        guard position < bytes.endIndex else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        let start = position
        while position < bytes.endIndex, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\\") {
            position += 1
            guard bytes[position - 1] != UInt8(ascii: "\"") else {
                return String(validating: bytes[start..<position - 1], as: UTF8.self)
            }
        }
        // From here on there is something that means another.
        var content = Array(bytes[start..<position])
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""):
                return String(validating: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                content.append(contentsOf: String(scalar).utf8)
            case 0..<0x20:
                return nil
            default:
                content.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        switch next() {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{c}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "u"): codePoint()
        default: nil
        }
    }

    /// What follows `\u`.
    ///
    /// Half a surrogate pair, which Python writes for bytes that are not UTF-8, becomes U+FFFD.
    private mutating func codePoint() -> Unicode.Scalar? {
        guard let unit = codeUnit() else { return nil }
        guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        let afterFirst = position
        guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u"), let low = codeUnit(),
            0xDC00..<0xE000 ~= low
        else {
            position = afterFirst
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func codeUnit() -> UInt32? {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            switch next() {
            case .some(let byte) where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte:
                unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case .some(let byte) where UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte:
                unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case .some(let byte) where UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte:
                unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default:
                return nil
            }
        }
        return unit
    }
}
