/// The request line (RFC 9112 §3) and the empty lines before it.
extension RequestParser {
    /// More empty lines than this before a request are refused.
    ///
    /// RFC 9112 §2.2 asks to ignore at least one.
    private static let mostEmptyLines = 4

    mutating func skipEmptyLines(_ bytes: Span<UInt8>, _ limits: HTTPLimits) -> Step {
        while cursor < bytes.count {
            guard bytes[cursor] == Byte.carriageReturn else {
                if bytes[cursor] == Byte.lineFeed { return .rejected(.requestLineEnding) }
                lineStart = cursor
                mark = cursor
                lineEnd = cursor + limits.requestLine
                phase = .method
                return .next
            }
            guard cursor + 1 < bytes.count else { return .needsMore }
            guard bytes[cursor + 1] == Byte.lineFeed else { return .rejected(.requestLineEnding) }
            emptyLines += 1
            if emptyLines > Self.mostEmptyLines { return .rejected(.emptyLines) }
            cursor += 2
        }
        return .needsMore
    }

    /// A token of 3 to 20 characters, none of them a lower-case letter or `#`: gunicorn's rule, which all methods of
    /// the IANA registry meet (RFC 9110 §9.1).
    ///
    /// With ``Leniency/anyMethod``: any token.
    mutating func parseMethod(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        let isAny = limits.leniency.contains(.anyMethod)
        let end = min(bytes.count, isAny ? lineEnd : min(mark + 21, lineEnd))
        cursor = bytes.skip(isAny ? ByteClass.token : ByteClass.method, from: cursor, to: end)
        let length = cursor - mark
        if length > 20, !isAny { return .rejected(.methodLength) }
        if cursor >= lineEnd { return .rejected(.requestLineTooLong) }
        guard cursor < bytes.count else { return .needsMore }
        switch bytes[cursor] {
        case Byte.space: break
        case Byte.carriageReturn, Byte.lineFeed: return .rejected(.requestLine)
        default: return .rejected(.method)
        }
        if length < (isAny ? 1 : 3) { return .rejected(.methodLength) }
        head.method = ByteRange(mark, cursor)
        if bytes.matches(Word.connect, head.method) { return .rejected(.connectMethod) }
        head.isHead = bytes.matches(Word.head, head.method)
        if isAny, bytes.skip(ByteClass.method, from: mark, to: cursor) < cursor {
            head.hasSmallMethod = limits.leniency.contains(.capitalMethods)
            // Methods are case-sensitive.
            head.isHead = head.isHead && head.hasSmallMethod
        }
        cursor += 1
        mark = cursor
        phase = .target
        return .next
    }

    mutating func parseTarget(_ bytes: Span<UInt8>, _ head: inout RequestHead) -> Step {
        cursor = bytes.skip(ByteClass.target, from: cursor, to: max(cursor, min(bytes.count, lineEnd)))
        if cursor >= lineEnd { return .rejected(.requestLineTooLong) }
        guard cursor < bytes.count else { return .needsMore }
        switch bytes[cursor] {
        case Byte.space: break
        case Byte.carriageReturn, Byte.lineFeed: return .rejected(.requestLine)
        default: return .rejected(.targetByte)
        }
        head.target = ByteRange(mark, cursor)
        if let rejection = head.splitTarget(bytes) { return .rejected(rejection) }
        cursor += 1
        mark = cursor
        phase = .version
        return .next
    }

    /// `HTTP/` DIGIT `.` DIGIT CRLF (RFC 9112 §2.3).
    ///
    /// Ten bytes at most, so they are looked at again when more arrive.
    mutating func parseVersion(_ bytes: Span<UInt8>, _ limits: HTTPLimits, _ head: inout RequestHead) -> Step {
        if mark + 8 > lineEnd { return .rejected(.requestLineTooLong) }
        var index = 0
        while index < 8, mark + index < bytes.count {
            let byte = bytes[mark + index]
            let wanted: Bool
            switch index {
            case 5, 7: wanted = byte &- Byte.zero < 10
            default: wanted = byte == versionPattern[index]
            }
            if !wanted { return .rejected(byte == Byte.space ? .requestLine : .version) }
            index += 1
        }
        guard mark + 8 < bytes.count else { return .needsMore }
        switch bytes[mark + 8] {
        case Byte.carriageReturn: break
        case Byte.lineFeed: return .rejected(.requestLineEnding)
        default: return .rejected(.version)
        }
        guard mark + 9 < bytes.count else { return .needsMore }
        guard bytes[mark + 9] == Byte.lineFeed else { return .rejected(.requestLineEnding) }
        // A well-formed line of another major version is told apart from garbage (RFC 9110 §15.6.6); gunicorn says 400.
        // A higher minor version is a 1.1 with additions that may be ignored (RFC 9110 §2.5).
        head.versionMinor = bytes[mark + 7] == Byte.zero ? 0 : 1
        if bytes[mark + 5] != 0x31 {
            guard limits.leniency.contains(.anyVersion) else { return .rejected(.majorVersion) }
            head.otherVersion = (bytes[mark + 5] &- Byte.zero, bytes[mark + 7] &- Byte.zero)
            head.versionMinor = bytes[mark + 5] == Byte.zero ? 0 : 1
        }
        cursor = mark + 10
        fieldsStart = cursor
        phase = .lineStart
        return .next
    }
}

/// "HTTP/1.1"; the digits are only place holders.
private let versionPattern: InlineArray<8, UInt8> = [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E, 0x31]
