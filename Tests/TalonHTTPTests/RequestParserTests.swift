import Testing

@testable import TalonHTTP

let allRows = requestLineRows + fieldRows + framingRows + leniencyRows

@Suite("The request parser")
struct RequestParserTests {
    @Test("keeps each rule of RFC 9110 and 9112", arguments: allRows)
    func keepsRule(_ row: HeadRow) {
        #expect(parseWhole(row.bytes, row.limits).outcome == row.outcome)
    }

    @Test("comes to the same when each byte arrives alone", arguments: allRows)
    func sameByteByByte(_ row: HeadRow) {
        let whole = parseWhole(row.bytes, row.limits)
        let slow = parseByteByByte(row.bytes, row.limits)
        #expect(slow.outcome == whole.outcome)
        #expect(slow.head.summary(row.bytes) == whole.head.summary(row.bytes))
    }

    @Test("has a row for every rejection of a head")
    func rowForEveryRejection() {
        // Those of a body, those before a head, those of frames, and the one that no bytes can cause.
        let others: [Rejection] = [
            .chunkSize, .chunkExtension, .chunkExtensionTooLong, .chunkEnding, .trailerForbidden, .timeout,
            .schemeContradiction, .proxyHeader, .proxyForbidden, .clearText, .streamFlood,
        ]
        for rejection in Rejection.allCases where !others.contains(rejection) {
            #expect(allRows.contains { $0.outcome == .rejected(rejection) }, "\(rejection)")
        }
    }

    @Test("gives a folded value without the white space around it")
    func foldedValue() {
        let limits = HTTPLimits(leniency: .foldedLines)
        for (lines, value) in [("A:\r\n b", "b"), ("A: b\r\n \r\n\t", "b"), ("A: b\r\n c", "b\r\n c")] {
            let bytes = Array("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n".utf8)
            let (outcome, head) = parseWhole(bytes, limits)
            #expect(outcome == .complete)
            #expect(head.fields.last.map { head.text($0.value, bytes) } == value)
        }
    }

    @Test("gives the parts of a request")
    func parts() {
        let bytes = Array("POST /a/b?c=d HTTP/1.1\r\nHost: h:1\r\nX-Y:  z \r\ncontent-length: 3\r\n\r\nabc".utf8)
        let (outcome, head) = parseWhole(bytes)
        #expect(outcome == .complete)
        #expect(head.text(head.method, bytes) == "POST")
        #expect(head.text(head.target, bytes) == "/a/b?c=d")
        #expect(head.text(head.path, bytes) == "/a/b")
        #expect(head.text(head.query, bytes) == "c=d")
        #expect(head.text(head.authority, bytes) == "h:1")
        #expect(head.fields.map { head.text($0.name, bytes) } == ["Host", "X-Y", "content-length"])
        #expect(head.fields.map { head.text($0.value, bytes) } == ["h:1", "z", "3"])
        #expect(head.framing == .length(3))
        #expect(head.byteCount == bytes.count - 3)
        #expect(!head.isHead)
    }

    @Test(
        "finds path, query and host of each target form (RFC 9112 §3.2)",
        arguments: [
            ("GET /a?b?c", "/a", "b?c", "h"), ("GET /?", "/", "", "h"), ("GET //x/y", "//x/y", "", "h"),
            ("GET http://t:8/a?b", "/a", "b", "t:8"), ("GET http://t", "/", "", "t"),
            ("GET https://t?q", "/", "q", "t"),
            ("OPTIONS *", "*", "", "h"), ("GET http://t/", "/", "", "t"),
        ])
    func targetForms(line: String, path: String, query: String, authority: String) {
        let bytes = Array("\(line) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        let (outcome, head) = parseWhole(bytes)
        #expect(outcome == .complete)
        #expect(head.text(head.path, bytes) == path)
        #expect(head.text(head.query, bytes) == query)
        #expect(head.text(head.authority, bytes) == authority)
    }

    @Test(
        "puts the host of an absolute target into the Host field (RFC 9112 §3.2.2)",
        arguments: [("http://t:8/", "t:8"), ("http://t?q", "t"), ("/", "h"), ("//t/", "h")])
    func hostOfTarget(target: String, host: String) {
        let bytes = Array("GET \(target) HTTP/1.1\r\nA: b\r\nhost: h\r\n\r\n".utf8)
        let (outcome, head) = parseWhole(bytes)
        #expect(outcome == .complete)
        #expect(head.fields.map { head.text($0.value, bytes) } == ["b", host])
    }

    @Test(
        "decides about the connection (RFC 9112 §9.3)",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: Close\r\n", false),
            ("1.1", "Connection: keep-alive\r\n", true), ("1.1", "Connection: keep-alive, close\r\n", false),
            ("1.1", "Connection: a\r\nConnection: ,, close\r\n", false), ("1.1", "Connection: closed\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true), ("1.0", "Connection: close\r\n", false),
            ("1.0", "Connection: x, keep-alive\r\n", true), ("1.0", "Connection: keep-alive, close\r\n", false),
        ])
    func keepAlive(version: String, line: String, expected: Bool) {
        let (outcome, head) = parseWhole(Array("GET / HTTP/\(version)\r\nHost: a\r\n\(line)\r\n".utf8))
        #expect(outcome == .complete)
        #expect(head.keepAlive == expected)
    }

    @Test(
        "waits with 100 Continue only where a body follows in HTTP/1.1 (RFC 9110 §10.1.1)",
        arguments: [
            ("1.1", "Content-Length: 1\r\n", true), ("1.1", "Transfer-Encoding: chunked\r\n", true), ("1.1", "", false),
            ("1.1", "Content-Length: 0\r\n", false), ("1.0", "Content-Length: 1\r\n", false),
        ])
    func expectsContinue(version: String, line: String, expected: Bool) {
        let text = "PUT / HTTP/\(version)\r\nHost: a\r\nExpect: 100-continue\r\n\(line)\r\n"
        #expect(parseWhole(Array(text.utf8)).head.expectsContinue == expected)
    }

    @Test(
        "knows how the body is delimited (RFC 9112 §6.3)",
        arguments: [
            ("", BodyFraming.none), ("Content-Length: 0\r\n", .none), ("Content-Length: 17\r\n", .length(17)),
            ("Transfer-Encoding: Chunked\r\n", .chunked), ("Content_Length: 5\r\n", .none),
        ])
    func framing(line: String, expected: BodyFraming) {
        #expect(parseWhole(Array("PUT / HTTP/1.1\r\nHost: a\r\n\(line)\r\n".utf8)).head.framing == expected)
    }

    @Test("keeps, marks or drops names with an underscore")
    func underscores() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\nX-Y: 2\r\n\r\n".utf8)
        #expect(parseWhole(bytes).head.fields.map(\.isUnderscored) == [false, false])
        let kept = parseWhole(bytes, HTTPLimits(underscoredNames: .keep)).head
        #expect(kept.fields.map(\.isUnderscored) == [false, true, false])
    }

    @Test("leaves the next request in the buffer alone and is ready for it")
    func pipelined() {
        let first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        let bytes = Array((first + "HEAD /2 HTTP/1.0\r\nX: y\r\n\r\n").utf8)
        var parser = RequestParser()
        var head = RequestHead()
        #expect(parser.parse(bytes.span, limits: HTTPLimits(), into: &head) == .complete)
        #expect(head.byteCount == first.utf8.count)
        let rest = Array(bytes[head.byteCount...])
        #expect(parser.parse(rest.span, limits: HTTPLimits(), into: &head) == .complete)
        #expect(head.text(head.target, rest) == "/2")
        #expect(head.fields.count == 1)
        #expect(head.isHead)
        #expect(!head.keepAlive)
        #expect(head.authority.isEmpty)
        #expect(head.byteCount == rest.count)
    }

    @Test("can be used again after a refusal")
    func afterRefusal() {
        var parser = RequestParser()
        var head = RequestHead()
        let bad = Array("GET / HTTP/1.1\r\nContent-Length: 1\r\nHost: a b\r\n\r\n".utf8)
        #expect(parser.parse(bad.span, limits: HTTPLimits(), into: &head) == .rejected(.host))
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(parser.parse(good.span, limits: HTTPLimits(), into: &head) == .complete)
        #expect(head.framing == .none)
    }

    @Test("looks at each byte once, however slowly they come")
    func notQuadratic() {
        let line = "X: " + String(repeating: "v", count: 8000) + "\r\n"
        let bytes = Array(("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: line, count: 90)).utf8)
        // 720,000 calls; looking at all bytes in each would be 10^11 steps, and this test would not end.
        #expect(parseByteByByte(bytes, HTTPLimits()).outcome == .incomplete)
    }

    @Test("has a status, a class and a sentence for every rejection", arguments: Rejection.allCases)
    func rejectionTexts(_ rejection: Rejection) {
        #expect([400, 403, 408, 417, 431, 501, 505].contains(rejection.status))
        #expect(!rejection.detail.isEmpty)
        #expect(!rejection.errorType.isEmpty)
        #expect(rejection.reason != "Unknown")
    }

    @Test(
        "answers with gunicorn's status and class",
        arguments: [
            (Rejection.requestLineTooLong, 400, "LimitRequestLine"), (.tooManyFields, 431, "LimitRequestHeaders"),
            (.fieldTooLong, 431, "LimitRequestHeaders"), (.codingUnknown, 501, "UnsupportedTransferCoding"),
            (.expectation, 417, "ExpectationFailed"), (.method, 400, "InvalidRequestMethod"),
            (.version, 400, "InvalidHTTPVersion"), (.majorVersion, 505, "InvalidHTTPVersion"),
            (.contentLengthWithCoding, 400, "InvalidHeader"), (.fieldName, 400, "InvalidHeaderName"),
            (.foldedLine, 400, "ObsoleteFolding"), (.chunkSize, 400, "InvalidChunkSize"),
            (.connectMethod, 501, "InvalidRequestMethod"),
        ])
    func statuses(rejection: Rejection, status: Int, type: String) {
        #expect(rejection.status == status)
        #expect(rejection.errorType == type)
    }
}
