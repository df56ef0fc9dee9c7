/// What `RequestParser` says of the bytes so far.
package enum ParseOutcome: Equatable, Sendable {
    /// Nothing is wrong yet, and the head has not ended.
    case incomplete
    /// The head is whole; `RequestHead.byteCount` tells where it ends.
    case complete
    /// The request is refused, and the connection with it.
    case rejected(Rejection)
}

/// Parses the head of a request (RFC 9112 §2.2, §3, §5) in one pass.
///
/// A state machine whose states are the tokens of the grammar: within one the bytes are skipped in a tight loop, and
/// when they run out the parser remembers where it was. So the same bytes lead to the same outcome however they are
/// cut, each is looked at once, and a limit is noticed when it is passed, not when the line ends.
package struct RequestParser: Sendable {
    enum Phase: UInt8 {
        case emptyLines, method, target, version, lineStart, name, value, end, complete
    }

    /// What a phase did.
    enum Step {
        case next
        case needsMore
        case rejected(Rejection)
    }

    /// The token the parser is in.
    var phase = Phase.emptyLines
    /// The next byte to look at.
    var cursor = 0
    /// Where the current token starts.
    var mark = 0
    /// Where the current line starts.
    var lineStart = 0
    /// The first offset that is beyond the limit of the current line.
    var lineEnd = 0
    /// Whether that limit is the one of the whole head.
    var isHeadLimit = false
    /// Where the field lines start.
    var fieldsStart = 0
    /// How many field lines have begun, dropped ones included.
    var fieldCount = 0
    /// The classes of the bytes of the current field name.
    var nameClasses: UInt8 = 0
    var nameRange = ByteRange.empty
    /// The current field goes on in further lines.
    var isFolded = false
    var emptyLines = 0
    var framing = FramingFields()

    /// A parser at the start of a connection.
    package init() {}

    /// Starts anew: the next call is about another request.
    package mutating func reset() { self = RequestParser() }

    /// Goes on with what has arrived.
    ///
    /// - Parameters:
    ///   - bytes: everything from the start of the request, in each call what was there before and more.
    ///   - head: filled step by step; only after `.complete` is it whole. After `.rejected` it has what was understood.
    /// - Returns: after `.complete` and `.rejected` the parser is ready for another request.
    package mutating func parse(
        _ bytes: Span<UInt8>, limits: HTTPLimits, into head: inout RequestHead
    ) -> ParseOutcome {
        if phase == .emptyLines, cursor == 0 { head.reset() }
        while true {
            let step: Step
            switch phase {
            case .emptyLines: step = skipEmptyLines(bytes, limits)
            case .method: step = parseMethod(bytes, limits, &head)
            case .target: step = parseTarget(bytes, &head)
            case .version: step = parseVersion(bytes, limits, &head)
            case .lineStart: step = startLine(bytes, limits, &head)
            case .name: step = parseName(bytes, limits, &head)
            case .value: step = parseValue(bytes, limits, &head)
            case .end: step = endHead(bytes, &head)
            case .complete:
                head.byteCount = cursor
                reset()
                return .complete
            }
            switch step {
            case .next: continue
            case .needsMore: return .incomplete
            case .rejected(let rejection):
                reset()
                return .rejected(rejection)
            }
        }
    }
}
