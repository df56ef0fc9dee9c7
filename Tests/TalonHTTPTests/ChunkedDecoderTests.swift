import Testing

@testable import TalonHTTP

/// A chunked body, what it decodes to, and how it ends.
struct ChunkRow: Sendable, CustomTestStringConvertible {
    let rule: String
    let text: String
    let result: ChunkResult
    var limits = HTTPLimits()

    init(_ rule: String, _ text: String, _ body: String, _ end: ChunkEnd, _ limits: HTTPLimits = HTTPLimits()) {
        self.rule = rule
        self.text = text
        self.limits = limits
        result = ChunkResult(body: Array(body.utf8), end: end)
    }

    var testDescription: String { rule }
}

enum ChunkEnd: Equatable, Sendable {
    case open
    /// With this many bytes left for the next request.
    case finished(rest: Int)
    case malformed(Rejection)
}

struct ChunkResult: Equatable, Sendable {
    var body: [UInt8]
    var end: ChunkEnd
}

/// Decodes parts that arrive one after the other, each dropped before the next comes.
func decodeChunks(_ parts: [[UInt8]], _ limits: HTTPLimits = HTTPLimits()) -> ChunkResult {
    var decoder = ChunkedDecoder(limits: limits)
    var result = ChunkResult(body: [], end: .open)
    for (number, part) in parts.enumerated() {
        var start = 0
        arrived: while true {
            switch decoder.decode(part.span.extracting(start..<part.count)) {
            case .data(let range, let consumed):
                result.body += part[start + range.lowerBound..<start + range.upperBound]
                start += consumed
            case .needsMore(let consumed):
                if start + consumed != part.count { Issue.record("input was left") }
                break arrived
            case .finished(let consumed):
                let later = parts[(number + 1)...].reduce(0) { $0 + $1.count }
                result.end = .finished(rest: part.count - start - consumed + later)
                return result
            case .malformed(let rejection):
                result.end = .malformed(rejection)
                return result
            }
        }
    }
    return result
}

private let quoted = #"5;a="b\"c;\\";d=e"#
private let longExtension = ";a=" + String(repeating: "b", count: 4093)

/// RFC 9112 §7.1 and its subsections.
let chunkRows: [ChunkRow] = [
    ChunkRow("§7.1 an empty body", "0\r\n\r\n", "", .finished(rest: 0)),
    ChunkRow("§7.1 one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1 two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!", .finished(rest: 0)),
    ChunkRow(
        "§7.1 digits of either case", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
        "01234567890123456789a", .finished(rest: 0)),
    ChunkRow("§7.1 leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1 sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1 line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", .finished(rest: 0)),
    ChunkRow("§9.3.2 the next request is left", "1\r\na\r\n0\r\n\r\nGET /", "a", .finished(rest: 5)),
    ChunkRow("§7.1 a body that has not ended", "5\r\nhel", "hel", .open),
    ChunkRow("§7.1 a last chunk without its end", "5\r\nhello\r\n0\r\n", "hello", .open),
    ChunkRow("§7.1 the largest size", "7fffffffffffffff\r\nab", "ab", .open),
    ChunkRow("§7.1 one more", "8000000000000000\r\nab", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 seventeen digits", "00000000000000005\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 overflow", "fffffffffffffffff\r\nab", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 0x", "0x5\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 a plus", "+5\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 a minus", "-5\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 no size", "\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 a space before", " 5\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 an underscore", "1_0\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 no digit", "g\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§2.2 a size that ends in LF", "5\nhello", "", .malformed(.chunkSize)),
    ChunkRow("§2.2 a size that ends in CR", "5\rhello", "", .malformed(.chunkSize)),
    ChunkRow("§7.1 data longer than its size", "5\r\nhello!\r\n", "hello", .malformed(.chunkEnding)),
    ChunkRow("§7.1 data that ends in LF", "5\r\nhello\n0\r\n\r\n", "hello", .malformed(.chunkEnding)),
    ChunkRow("§7.1 data that ends in CR", "5\r\nhello\r0\r\n\r\n", "hello", .malformed(.chunkEnding)),
    ChunkRow("§7.1.1 a name", "5;a\r\nhello\r\n0;b\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1.1 a name and a value", "5;a=b;c=d\r\nhello\r\n0\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1.1 a quoted value", quoted + "\r\nhello\r\n0\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1.1 white space", "5 ; a = b ;\tc\r\nhello\r\n0\r\n\r\n", "hello", .finished(rest: 0)),
    ChunkRow("§7.1.1 no name", "5;\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 no value", "5;a=\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 only white space", "5 \r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 white space, then text", "5 a\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 two words", "5;a b\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 an open quote", "5;a=\"b\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 text after the quote", "5;a=\"b\"c\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 a bare LF", "5;a\nb\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 a bare LF in quotes", "5;a=\"\n\"\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 an escaped LF", "5;a=\"\\\n\"\r\nhello", "", .malformed(.chunkExtension)),
    ChunkRow("§7.1.1 a bare CR", "5;a\rb\r\nhello", "", .malformed(.chunkSize)),
    ChunkRow(
        "§7.1.1 as many bytes as are allowed", "5" + longExtension + "\r\nhello\r\n0\r\n\r\n", "hello",
        .finished(rest: 0)),
    ChunkRow(
        "§7.1.1 one more, in another chunk", "5" + longExtension + "\r\nhello\r\n0;\r\n\r\n", "hello",
        .malformed(.chunkExtensionTooLong)),
    ChunkRow("§7.1.2 trailers", "0\r\nX-A: b\r\nX-C:d\r\n\r\nG", "", .finished(rest: 1)),
    ChunkRow("§7.1.2 no colon", "0\r\nX-A\r\n\r\n", "", .malformed(.fieldColon)),
    ChunkRow("§7.1.2 no name", "0\r\n: a\r\n\r\n", "", .malformed(.fieldNameEmpty)),
    ChunkRow("§7.1.2 a space before the colon", "0\r\nX-A : b\r\n\r\n", "", .malformed(.fieldNameSpace)),
    ChunkRow("§7.1.2 an invalid name", "0\r\nX(A: b\r\n\r\n", "", .malformed(.fieldName)),
    ChunkRow("§7.1.2 a control byte", "0\r\nX-A: \u{1}\r\n\r\n", "", .malformed(.fieldValue)),
    ChunkRow("§7.1.2 a bare LF", "0\r\nX-A: b\n\r\n", "", .malformed(.fieldLineEnding)),
    ChunkRow("§7.1.2 a bare CR", "0\r\nX-A: b\rc\r\n\r\n", "", .malformed(.fieldLineEnding)),
    ChunkRow("§7.1.2 the end in LF", "0\r\n\n", "", .malformed(.fieldLineEnding)),
    ChunkRow("§7.1.2 the end in CR", "0\r\n\rG", "", .malformed(.fieldLineEnding)),
    ChunkRow("§7.1.2 LF in a name", "0\r\nX\nA: b\r\n\r\n", "", .malformed(.fieldLineEnding)),
    ChunkRow("§5.2 a folded trailer", "0\r\nX-A: b\r\n c\r\n\r\n", "", .malformed(.foldedLine)),
    ChunkRow("§2.2 white space before the first trailer", "0\r\n X-A: b\r\n\r\n", "", .malformed(.leadingSpace)),
    ChunkRow("9110 §6.5.1 Content-Length", "0\r\nContent-Length: 5\r\n\r\n", "", .malformed(.trailerForbidden)),
    ChunkRow(
        "9110 §6.5.1 Transfer-Encoding", "0\r\ntransfer-encoding: x\r\n\r\n", "",
        .malformed(.trailerForbidden)),
    ChunkRow("9110 §6.5.1 Host", "0\r\nHOST: a\r\n\r\n", "", .malformed(.trailerForbidden)),
    ChunkRow("9110 §6.5.1 Trailer", "0\r\nTrailer: a\r\n\r\n", "", .malformed(.trailerForbidden)),
    ChunkRow("9110 §6.5.1 TE", "0\r\nte: trailers\r\n\r\n", "", .malformed(.trailerForbidden)),
    ChunkRow("9110 §6.5.1 a longer name", "0\r\nHosts: a\r\n\r\n", "", .finished(rest: 0)),
    ChunkRow("9110 §6.5.1 Authorization", "0\r\nAuthorization: a\r\n\r\n", "", .malformed(.trailerForbidden)),
    ChunkRow(
        "too many trailers", "0\r\n" + String(repeating: "A: b\r\n", count: 3) + "\r\n", "",
        .malformed(.tooManyFields), HTTPLimits(fields: 2)),
    ChunkRow(
        "as many trailers as are allowed", "0\r\nA: b\r\nA: b\r\n\r\n", "", .finished(rest: 0),
        HTTPLimits(fields: 2)),
    ChunkRow(
        "a trailer too long", "0\r\nA: bcdefghij\r\n\r\n", "", .malformed(.fieldTooLong),
        HTTPLimits(fieldSize: 12)),
    ChunkRow(
        "trailers too long together", "0\r\nA: bcde\r\nA: bcde\r\n\r\n", "", .malformed(.headTooLarge),
        HTTPLimits(headSize: 12)),
]

@Suite("The chunked decoder")
struct ChunkedDecoderTests {
    @Test("keeps each rule of RFC 9112 §7.1", arguments: chunkRows)
    func keepsRule(_ row: ChunkRow) {
        #expect(decodeChunks([Array(row.text.utf8)], row.limits) == row.result)
    }

    @Test("comes to the same wherever its input is cut", arguments: chunkRows)
    func sameInParts(_ row: ChunkRow) {
        let bytes = Array(row.text.utf8)
        for cut in 0...bytes.count {
            #expect(decodeChunks([Array(bytes[..<cut]), Array(bytes[cut...])], row.limits) == row.result)
        }
        #expect(decodeChunks(bytes.map { [$0] }, row.limits) == row.result)
    }

    @Test("reports a large chunk as one range of the input")
    func oneRange() {
        let bytes = Array("10000\r\n".utf8) + [UInt8](repeating: 1, count: 65536) + Array("\r\n0\r\n\r\n".utf8)
        var decoder = ChunkedDecoder(limits: HTTPLimits())
        #expect(decoder.decode(bytes.span) == .data(range: 7..<65543, consumed: 65543))
        #expect(decoder.decode(bytes.span.extracting(65543..<bytes.count)) == .finished(consumed: 7))
        #expect(decoder.decode(bytes.span) == .finished(consumed: 0))
    }

    @Test("stays broken")
    func staysBroken() {
        var decoder = ChunkedDecoder(limits: HTTPLimits())
        #expect(decoder.decode([0x78].span) == .malformed(.chunkSize))
        #expect(decoder.decode([0x30].span) == .malformed(.chunkSize))
    }

    @Test("reads what the encoder writes", arguments: [1, 9, 10, 15, 16, 255, 256, 4096, 65535, 1_000_000])
    func roundTrip(size: Int) {
        let data = [UInt8](repeating: 0x61, count: size)
        var bytes: [UInt8] = []
        ChunkEncoder.header(size: size, into: &bytes)
        #expect(bytes == Array((String(size, radix: 16, uppercase: true) + "\r\n").utf8))
        bytes += data
        ChunkEncoder.ending(into: &bytes)
        ChunkEncoder.last(into: &bytes)
        #expect(decodeChunks([bytes]) == ChunkResult(body: data, end: .finished(rest: 0)))
    }
}
