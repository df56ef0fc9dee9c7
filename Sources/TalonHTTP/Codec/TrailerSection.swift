/// The trailer section (RFC 9112 §7.1.2): checked like field lines, bounded like a head, and discarded, which is the
/// only treatment that is always safe (RFC 9110 §6.5.1).
struct TrailerSection: Sendable {
    enum Verdict {
        case more
        case ended
        case rejected(Rejection)
    }

    private enum Phase {
        case lineStart, name, value, lineFeed, lastFeed
    }

    private let mostFields: Int
    private let mostLineBytes: Int
    private var mostBytes: Int
    private var phase = Phase.lineStart
    private var fields = 0
    private var lineBytes = 0
    /// The start of the current name in lower case: enough to tell the forbidden ones.
    private var name = InlineArray<20, UInt8>(repeating: 0)
    private var nameCount = 0

    init(_ limits: HTTPLimits) {
        mostFields = limits.fields
        mostLineBytes = limits.fieldSize
        mostBytes = limits.headSize
    }

    mutating func take(_ byte: UInt8) -> Verdict {
        lineBytes += 1
        mostBytes -= 1
        if lineBytes > mostLineBytes { return .rejected(.fieldTooLong) }
        if mostBytes < 0 { return .rejected(.headTooLarge) }
        switch phase {
        case .lineStart: return startLine(byte)
        case .name: return takeName(byte)
        case .value:
            if byte == Byte.carriageReturn {
                phase = .lineFeed
            } else if ByteClass.of(byte) & ByteClass.value == 0 {
                return .rejected(byte == Byte.lineFeed ? .fieldLineEnding : .fieldValue)
            }
        case .lineFeed:
            guard byte == Byte.lineFeed else { return .rejected(.fieldLineEnding) }
            phase = .lineStart
        case .lastFeed: return byte == Byte.lineFeed ? .ended : .rejected(.fieldLineEnding)
        }
        return .more
    }

    private mutating func startLine(_ byte: UInt8) -> Verdict {
        switch byte {
        case Byte.carriageReturn:
            phase = .lastFeed
            return .more
        case Byte.lineFeed: return .rejected(.fieldLineEnding)
        case Byte.space, Byte.tab: return .rejected(fields == 0 ? .leadingSpace : .foldedLine)
        default: break
        }
        fields += 1
        if fields > mostFields { return .rejected(.tooManyFields) }
        lineBytes = 1
        nameCount = 0
        phase = .name
        return takeName(byte)
    }

    private mutating func takeName(_ byte: UInt8) -> Verdict {
        if ByteClass.of(byte) & ByteClass.token != 0 {
            if nameCount < 20 { name[nameCount] = Byte.lower(byte) }
            nameCount += 1
            return .more
        }
        switch byte {
        case Byte.colon: break
        case Byte.carriageReturn: return .rejected(.fieldColon)
        case Byte.lineFeed: return .rejected(.fieldLineEnding)
        case Byte.space, Byte.tab: return .rejected(.fieldNameSpace)
        default: return .rejected(.fieldName)
        }
        if nameCount == 0 { return .rejected(.fieldNameEmpty) }
        if isForbidden { return .rejected(.trailerForbidden) }
        phase = .value
        return .more
    }

    /// Fields that would change what was already understood of the message (RFC 9110 §6.5.1; gunicorn's list).
    private var isForbidden: Bool {
        isName(Word.host) || isName(Word.contentLength) || isName(Word.transferEncoding) || isName(Word.trailer)
            || isName(Word.authorization) || isName(Word.te)
    }

    private func isName<let length: Int>(_ word: InlineArray<length, UInt8>) -> Bool {
        guard nameCount == length else { return false }
        for index in 0..<length where name[index] != word[index] { return false }
        return true
    }
}
