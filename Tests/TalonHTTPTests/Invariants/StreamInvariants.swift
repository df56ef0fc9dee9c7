@testable import TalonHTTP

/// What must hold for whatever bytes a client sends. The fuzzer asks it of inputs that it makes up, the tests of its
/// corpus.
enum StreamInvariants {
    /// The first byte of an input chooses limits and leniency: "@" is the default, "`" small limits, "_" everything
    /// permitted. The second tells at which places the rest, the bytes of a connection, is cut.
    ///
    /// - Returns: what does not hold; nil if all does.
    static func violation(_ input: [UInt8]) -> String? {
        guard input.count > 2 else { return nil }
        let limits = limits(input[0])
        let seed = Int(input[1])
        var bytes = Array(input[2...])
        // As a server does: request after request, until one is refused, unfinished or the last.
        while true {
            let (outcome, head) = parse(bytes, limits, cuts: [bytes.count])
            for cuts in [Array(0...bytes.count), someCuts(bytes.count, seed)] {
                let (again, other) = parse(bytes, limits, cuts: cuts)
                if again != outcome { return "\(outcome) in one piece, \(again) in \(cuts.count) pieces" }
                if outcome == .complete, !isSame(head, other) { return "another head in \(cuts.count) pieces" }
            }
            guard outcome == .complete else { return nil }
            if let violation = HeadInvariants.violation(head, bytes, limits) { return violation }
            guard let end = bodyEnd(head, bytes, limits, seed) else { return nil }
            if case .failure(let violation) = end { return violation.text }
            guard case .success(let next) = end, head.keepAlive else { return nil }
            bytes.removeFirst(next)
        }
    }

    private struct Violation: Error {
        let text: String
    }

    private static func limits(_ choice: UInt8) -> HTTPLimits {
        let leniency = Leniency(rawValue: choice & 0x1F)
        if choice & 0x20 == 0 {
            return HTTPLimits(underscoredNames: choice & 0x40 == 0 ? .keep : .drop, leniency: leniency)
        }
        return HTTPLimits(
            requestLine: 24, fields: 4, fieldSize: 24, headSize: 64,
            underscoredNames: choice & 0x40 == 0 ? .refuse : .drop, leniency: leniency)
    }

    /// Two places, which depend on the seed, and the end.
    private static func someCuts(_ count: Int, _ seed: Int) -> [Int] {
        let first = seed * count / 255
        return [first, first + seed % (count - first + 1), count]
    }

    /// Parses what is here at each of the cuts, as far as it goes.
    private static func parse(
        _ bytes: [UInt8], _ limits: HTTPLimits, cuts: [Int]
    ) -> (outcome: ParseOutcome, head: RequestHead) {
        var parser = RequestParser()
        var head = RequestHead()
        for cut in cuts {
            let outcome = parser.parse(bytes.span.extracting(first: cut), limits: limits, into: &head)
            if outcome != .incomplete { return (outcome, head) }
        }
        return (.incomplete, head)
    }

    private static func isSame(_ one: RequestHead, _ other: RequestHead) -> Bool {
        one.method == other.method && one.target == other.target && one.path == other.path && one.query == other.query
            && one.authority == other.authority && one.fields == other.fields && one.byteCount == other.byteCount
            && HeadInvariants.isUnderstoodSame(one, other)
    }

    /// Where the next request begins; nil if the body is unfinished or malformed.
    private static func bodyEnd(
        _ head: RequestHead, _ bytes: [UInt8], _ limits: HTTPLimits, _ seed: Int
    ) -> Result<Int, Violation>? {
        switch head.framing {
        case .none: return .success(head.byteCount)
        case .length(let length):
            let rest = bytes.count - head.byteCount
            return length <= Int64(rest) ? .success(head.byteCount + Int(length)) : nil
        case .chunked:
            let body = Array(bytes[head.byteCount...])
            let whole = decode(body, limits, cuts: [body.count])
            for cuts in [Array(0...body.count), someCuts(body.count, seed)] {
                let other = decode(body, limits, cuts: cuts)
                if other != whole {
                    return .failure(Violation(text: "\(whole) in one piece, \(other) in \(cuts.count)"))
                }
            }
            if let text = violation(whole, body, limits) { return .failure(Violation(text: text)) }
            guard case .finished(let consumed) = whole.end else { return nil }
            return .success(head.byteCount + consumed)
        }
    }

    private struct Decoded: Equatable {
        enum End: Equatable {
            case open
            case finished(Int)
            case malformed(Rejection)
        }

        var body: [UInt8] = []
        var end = End.open
    }

    private static func decode(_ bytes: [UInt8], _ limits: HTTPLimits, cuts: [Int]) -> Decoded {
        var decoder = ChunkedDecoder(limits: limits)
        var result = Decoded()
        var start = 0
        for cut in cuts {
            arrived: while true {
                switch decoder.decode(bytes.span.extracting(start..<cut)) {
                case .data(let range, let consumed):
                    result.body += bytes[start + range.lowerBound..<start + range.upperBound]
                    start += consumed
                case .needsMore(let consumed):
                    start += consumed
                    break arrived
                case .finished(let consumed):
                    result.end = .finished(start + consumed)
                    return result
                case .malformed(let rejection):
                    result.end = .malformed(rejection)
                    return result
                }
            }
        }
        return result
    }

    private static func violation(_ decoded: Decoded, _ bytes: [UInt8], _ limits: HTTPLimits) -> String? {
        if decoded.body.count > bytes.count { return "more data than input" }
        guard case .finished(let end) = decoded.end else { return nil }
        if end > bytes.count { return "more consumed than there is" }
        if end < decoded.body.count + 5 || Array(bytes[(end - 2)..<end]) != [13, 10] {
            return "a chunked body ends early"
        }
        var encoded: [UInt8] = []
        if !decoded.body.isEmpty {
            ChunkEncoder.header(size: decoded.body.count, into: &encoded)
            encoded += decoded.body
            ChunkEncoder.ending(into: &encoded)
        }
        ChunkEncoder.last(into: &encoded)
        let again = decode(encoded, limits, cuts: [encoded.count])
        return again == Decoded(body: decoded.body, end: .finished(encoded.count))
            ? nil : "another body when chunked anew"
    }
}
