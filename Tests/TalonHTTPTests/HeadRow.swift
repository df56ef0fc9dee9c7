import Testing

@testable import TalonHTTP

/// A request head and what must become of it.
struct HeadRow: Sendable, CustomTestStringConvertible {
    let rule: String
    let bytes: [UInt8]
    let outcome: ParseOutcome
    let limits: HTTPLimits

    /// A head that is accepted.
    static func good(_ rule: String, _ text: String, _ limits: HTTPLimits = HTTPLimits()) -> HeadRow {
        HeadRow(rule: rule, bytes: bytes(text), outcome: .complete, limits: limits)
    }

    /// A head that is refused.
    static func bad(
        _ rejection: Rejection, _ rule: String, _ text: String, _ limits: HTTPLimits = HTTPLimits()
    ) -> HeadRow {
        HeadRow(rule: rule, bytes: bytes(text), outcome: .rejected(rejection), limits: limits)
    }

    /// A head that has not ended.
    static func open(_ rule: String, _ text: String) -> HeadRow {
        HeadRow(rule: rule, bytes: bytes(text), outcome: .incomplete, limits: HTTPLimits())
    }

    /// Each character is one byte, as in Latin-1, so that a row can name any byte.
    private static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    var testDescription: String { rule }
}

/// The result of parsing in one piece.
func parseWhole(_ bytes: [UInt8], _ limits: HTTPLimits = HTTPLimits()) -> (outcome: ParseOutcome, head: RequestHead) {
    var parser = RequestParser()
    var head = RequestHead()
    let outcome = parser.parse(bytes.span, limits: limits, into: &head)
    return (outcome, head)
}

/// The result when each byte arrives alone.
func parseByteByByte(_ bytes: [UInt8], _ limits: HTTPLimits) -> (outcome: ParseOutcome, head: RequestHead) {
    var parser = RequestParser()
    var head = RequestHead()
    for count in 0...bytes.count {
        let outcome = parser.parse(bytes.span.extracting(first: count), limits: limits, into: &head)
        if outcome != .incomplete { return (outcome, head) }
    }
    return (.incomplete, head)
}

extension RequestHead {
    /// The text of a range.
    func text(_ range: ByteRange, _ bytes: [UInt8]) -> String {
        String(decoding: bytes[range.range], as: UTF8.self)
    }

    /// All that was understood, as text, to compare two heads.
    func summary(_ bytes: [UInt8]) -> String {
        let lines = fields.map { "\(text($0.name, bytes))=\(text($0.value, bytes))\($0.isUnderscored ? " _" : "")" }
        return """
            \(text(method, bytes)) \(text(target, bytes)) \(text(path, bytes)) ? \(text(query, bytes)) \
            @ \(text(authority, bytes)) 1.\(versionMinor) \(lines) \(framing) \
            keepAlive \(keepAlive) continue \(expectsContinue) \(byteCount)
            """
    }
}
