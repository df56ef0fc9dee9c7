@testable import TalonHTTP

/// What must hold for every head that the parser accepts.
enum HeadInvariants {
    /// What does not hold; nil if all does. The rules are stated anew, without the parser's own tables.
    static func violation(_ head: RequestHead, _ bytes: [UInt8], _ limits: HTTPLimits) -> String? {
        guard head.byteCount > 0, head.byteCount <= bytes.count else { return "a head of \(head.byteCount) bytes" }
        let part = bytes[..<head.byteCount]
        if !part.suffix(4).elementsEqual([13, 10, 13, 10]) { return "a head does not end in an empty line" }
        var before: UInt8 = 0
        for byte in part {
            if (before == 13) != (byte == 10) { return "a bare CR or LF" }
            if byte == 127 || (byte < 32 && byte != 9 && byte != 10 && byte != 13) { return "a control byte" }
            before = byte
        }
        return rangeViolation(head, limits) ?? fieldViolation(head, bytes, limits)
            ?? violationWhenWrittenAnew(head, bytes, limits)
    }

    private static func rangeViolation(_ head: RequestHead, _ limits: HTTPLimits) -> String? {
        let ranges = [head.method, head.target, head.path, head.query, head.authority]
        for range in ranges + head.fields.flatMap({ [$0.name, $0.value] })
        where range.lower < 0 || range.upper < range.lower || range.upper > head.byteCount {
            return "a range is outside the head"
        }
        if head.target.upper - head.method.lower + 9 > limits.requestLine { return "a request line too long" }
        if head.fields.count > limits.fields { return "too many fields" }
        for field in head.fields where Int(field.value.upper - field.name.lower) + 2 > limits.fieldSize {
            // The value that an absolute target puts into Host stands before the field.
            if field.value.upper > field.name.upper { return "a field too long" }
        }
        return head.method.isEmpty || head.target.isEmpty || head.path.isEmpty ? "an empty part" : nil
    }

    private static func fieldViolation(_ head: RequestHead, _ bytes: [UInt8], _ limits: HTTPLimits) -> String? {
        func values(_ name: String) -> [[UInt8]] {
            head.fields.filter {
                !$0.isUnderscored && String(decoding: bytes[$0.name.range], as: UTF8.self).lowercased() == name
            }.map { Array(bytes[$0.value.range]) }
        }
        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        let hosts = values("host").count
        if hosts > 1 || (hosts == 0 && head.versionMinor > 0) { return "\(hosts) hosts" }
        if lengths.count > 1 || (!lengths.isEmpty && !codings.isEmpty) { return "two lengths" }
        for value in lengths where value.isEmpty || !value.allSatisfy({ (0x30...0x39).contains($0) }) {
            return "a length that is no number"
        }
        if codings.isEmpty != (head.framing != .chunked) { return "chunked or not" }
        if !codings.isEmpty, head.versionMinor == 0 { return "chunked in HTTP/1.0" }
        let number = lengths.first.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
        switch head.framing {
        case .none where number != 0: return "a body that is not awaited"
        case .length(let length) where length != number || number == 0: return "another length"
        default: return nil
        }
    }

    /// A head that is written from what was understood must be understood in the same way.
    private static func violationWhenWrittenAnew(
        _ head: RequestHead, _ bytes: [UInt8], _ limits: HTTPLimits
    ) -> String? {
        var text = Array(bytes[head.method.range]) + [32] + bytes[head.target.range]
        let version = head.otherVersion ?? (1, head.versionMinor)
        text += " HTTP/\(version.major).\(version.minor)\r\n".utf8
        for field in head.fields { text += bytes[field.name.range] + [58] + bytes[field.value.range] + [13, 10] }
        text += [13, 10]
        // The host of an absolute target may be longer than the field that it replaces.
        let room = HTTPLimits(
            requestLine: limits.requestLine, fields: limits.fields, fieldSize: 8190, underscoredNames: .keep,
            leniency: limits.leniency)
        var parser = RequestParser()
        var again = RequestHead()
        let outcome = parser.parse(text.span, limits: room, into: &again)
        guard outcome == .complete, again.byteCount == text.count else { return "written anew: \(outcome)" }
        func isSame(_ one: ByteRange, _ other: ByteRange) -> Bool {
            bytes[one.range].elementsEqual(text[other.range])
        }
        let isSameText =
            isSame(head.method, again.method) && isSame(head.target, again.target) && isSame(head.path, again.path)
            && isSame(head.query, again.query) && isSame(head.authority, again.authority)
            && head.fields.elementsEqual(again.fields) { isSame($0.name, $1.name) && isSame($0.value, $1.value) }
        return isSameText && isUnderstoodSame(head, again) ? nil : "understood otherwise when written anew"
    }

    /// The same, but for where it stands.
    static func isUnderstoodSame(_ one: RequestHead, _ other: RequestHead) -> Bool {
        one.versionMinor == other.versionMinor && one.framing == other.framing && one.keepAlive == other.keepAlive
            && one.expectsContinue == other.expectsContinue && one.isHead == other.isHead
            && one.isAbsoluteForm == other.isAbsoluteForm && one.hasSmallMethod == other.hasSmallMethod
            && one.otherVersion?.major == other.otherVersion?.major
            && one.otherVersion?.minor == other.otherVersion?.minor
    }
}
