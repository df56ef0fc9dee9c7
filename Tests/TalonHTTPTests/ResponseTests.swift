import Testing

@testable import TalonHTTP

@Suite("A response")
struct ResponseTests {
    @Test(
        "is delimited as RFC 9112 §6.3 says",
        arguments: [
            ("200 with a length", 200, false, 1, 5, ResponseFraming.Body.length(5), 5, true),
            ("200 with a length of 0", 200, false, 1, 0, .length(0), 0, true),
            ("200 without a length", 200, false, 1, nil, .chunked, nil, true),
            ("200 in HTTP/1.0 with a length", 200, false, 0, 5, .length(5), 5, true),
            ("200 in HTTP/1.0 without a length", 200, false, 0, nil, .untilClose, nil, false),
            ("HEAD with a length", 200, true, 1, 5, .none, 5, true),
            ("HEAD without a length", 200, true, 1, nil, .none, nil, true),
            ("HEAD in HTTP/1.0 without a length", 200, true, 0, nil, .none, nil, true),
            ("304 with a length", 304, false, 1, 5, .none, 5, true),
            ("304 without a length", 304, false, 1, nil, .none, nil, true),
            ("204 with a length", 204, false, 1, 5, .none, nil, true),
            ("204 without a length", 204, false, 0, nil, .none, nil, true),
            ("205 with a length", 205, false, 1, 5, .length(0), 0, true),
            ("205 in HTTP/1.0 without a length", 205, false, 0, nil, .length(0), 0, true),
            ("101, after which nothing is HTTP", 101, false, 1, 5, .none, nil, false),
            ("404 without a length", 404, false, 1, nil, .chunked, nil, true),
        ] as [(String, Int, Bool, UInt8, Int64?, ResponseFraming.Body, Int64?, Bool)])
    func framing(
        rule: String, status: Int, isHead: Bool, minor: UInt8, length: Int64?, body: ResponseFraming.Body,
        sent: Int64?, keepAlive: Bool
    ) {
        let framing = ResponseFraming(
            status: status, isHead: isHead, versionMinor: minor, contentLength: length, keepAlive: true)
        #expect(framing.body == body)
        #expect(framing.contentLength == sent)
        #expect(framing.keepAlive == keepAlive)
        let closing = ResponseFraming(
            status: status, isHead: isHead, versionMinor: minor, contentLength: length, keepAlive: false)
        #expect(closing.body == body)
        #expect(!closing.keepAlive)
    }

    /// The encoded head for these fields.
    private func encode(
        _ status: Int, _ fields: [(String, String)], minor: UInt8 = 1, isHead: Bool = false, keepAlive: Bool = true
    ) -> String {
        var out: [UInt8] = []
        var head = ResponseHead()
        var dates = DateCache()
        #expect(head.start(status: status, into: &out) == nil)
        for (name, value) in fields {
            let outcome = head.append(name: Array(name.utf8).span, value: Array(value.utf8).span, into: &out)
            if case .refused(let fault) = outcome { Issue.record("\(fault)") }
        }
        let framing = ResponseFraming(
            status: status, isHead: isHead, versionMinor: minor, contentLength: head.contentLength,
            keepAlive: keepAlive)
        head.end(framing: framing, dateLine: dates.line(at: 784_111_777), into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private let own = "Server: talon\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    @Test("with a length is written byte for byte so")
    func withLength() {
        #expect(
            encode(200, [("Content-Type", "text/plain"), ("Content-Length", "5")])
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\(own)Connection: keep-alive\r\n"
                + "Content-Length: 5\r\n\r\n")
    }

    @Test("without a length is chunked, in HTTP/1.0 it ends with the connection")
    func withoutLength() {
        #expect(
            encode(404, [], keepAlive: false)
                == "HTTP/1.1 404 Not Found\r\n\(own)Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(encode(200, [], minor: 0) == "HTTP/1.1 200 OK\r\n\(own)Connection: close\r\n\r\n")
    }

    @Test("of 204 has no length")
    func noContent() {
        #expect(
            encode(204, [("content-length", "0")]) == "HTTP/1.1 204 No Content\r\n\(own)Connection: keep-alive\r\n\r\n")
    }

    @Test(
        "leaves out what belongs to the connection or to the server (RFC 9110 §7.6.1)",
        arguments: [
            "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Trailers",
            "Transfer-Encoding", "UPGRADE", "server", "Date", "Proxy-Connection",
        ])
    func drops(name: String) {
        var out: [UInt8] = []
        var head = ResponseHead()
        #expect(head.append(name: Array(name.utf8).span, value: Array("x".utf8).span, into: &out) == .dropped)
        #expect(out.isEmpty)
    }

    @Test(
        "refuses what would break the head (RFC 9110 §5.1, §5.5)",
        arguments: [
            ("", "a", ResponseHead.Fault.fieldName), ("X Y", "a", .fieldName), ("X:", "a", .fieldName),
            ("X\r\nY", "a", .fieldName), ("X\n", "a", .fieldName), ("caf\u{E9}", "a", .fieldName),
            ("X", "a\r\nSet-Cookie: b", .fieldValue), ("X", "a\nb", .fieldValue), ("X", "a\rb", .fieldValue),
            ("X", "a\0b", .fieldValue), ("X", "a long value of many bytes\n", .fieldValue),
            ("X", "\u{7F}", .fieldValue),
            ("Connection", "\n", .fieldValue), ("Content-Length", "-1", .contentLength),
            ("Content-Length", "+1", .contentLength), ("Content-Length", "1, 1", .contentLength),
            ("Content-Length", "", .contentLength), ("Content-Length", "9223372036854775808", .contentLength),
        ])
    func refuses(name: String, value: String, fault: ResponseHead.Fault) {
        var out: [UInt8] = []
        var head = ResponseHead()
        #expect(
            head.append(name: Array(name.utf8).span, value: Array(value.utf8).span, into: &out) == .refused(fault))
        #expect(out.isEmpty)
    }

    @Test("takes the same length twice, but not two lengths (RFC 9110 §8.6)")
    func lengths() {
        var out: [UInt8] = []
        var head = ResponseHead()
        let name = Array("Content-Length".utf8)
        #expect(head.append(name: name.span, value: Array(" 5 ".utf8).span, into: &out) == .kept)
        #expect(head.append(name: name.span, value: Array("5".utf8).span, into: &out) == .kept)
        #expect(head.append(name: name.span, value: Array("6".utf8).span, into: &out) == .refused(.contentLength))
        #expect(head.contentLength == 5)
        #expect(out.isEmpty)
        #expect(head.start(status: 200, into: &out) == nil)
        #expect(head.contentLength == nil)
    }

    @Test("has the application's phrase, if it is one, and trims values")
    func phrase() {
        var out: [UInt8] = []
        var head = ResponseHead()
        #expect(head.start(status: 299, reason: Array("So So".utf8).span, into: &out) == nil)
        #expect(head.append(name: Array("X".utf8).span, value: Array(" \ta b\t ".utf8).span, into: &out) == .kept)
        #expect(String(decoding: out, as: UTF8.self) == "HTTP/1.1 299 So So\r\nX: a b\r\n")
        #expect(head.start(status: 200, reason: Array("a\r\nb".utf8).span, into: &out) == .reason)
        // Interim responses (RFC 9110 §15.2) are not the application's.
        for status in [99, 100, 102, 103, 199] { #expect(head.start(status: status, into: &out) == .status) }
        #expect(head.start(status: 1000, into: &out) == .status)
        #expect(out.count == 28)
    }

    @Test(
        "has the Date of RFC 9110 §5.6.7",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_795_376_131, "Sun, 22 Nov 2026 19:35:31 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ])
    func date(seconds: Int, text: String) {
        var cache = DateCache()
        _ = cache.line(at: 5)
        #expect(String(decoding: cache.line(at: seconds), as: UTF8.self) == "Date: \(text)\r\n")
        #expect(String(decoding: cache.line(at: seconds), as: UTF8.self) == "Date: \(text)\r\n")
    }

    @Test("to a refused request is a small page that closes the connection")
    func errorPage() {
        var out: [UInt8] = []
        ErrorPage.render(.hostMissing, into: &out)
        let page = """
            <html>
              <head>
                <title>Bad Request</title>
              </head>
              <body>
                <h1><p>Bad Request</p></h1>
                Missing Host header
              </body>
            </html>

            """
        #expect(
            String(decoding: out, as: UTF8.self)
                == "HTTP/1.1 400 Bad Request\r\nServer: talon\r\nConnection: close\r\n"
                + "Content-Type: text/html; charset=utf-8\r\nContent-Length: \(page.utf8.count)\r\n\r\n" + page)
    }

    @Test("page escapes its text and has no body for HEAD")
    func errorPageEscapes() {
        var out: [UInt8] = []
        ErrorPage.render(status: 500, reason: "A\r\nB", detail: "<b>&\"'", into: &out)
        let text = String(decoding: out, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 500 AB\r\n"))
        #expect(text.contains("&lt;b&gt;&amp;&quot;&#x27;"))
        out = []
        var dates = DateCache()
        ErrorPage.render(.codingUnknown, isHead: true, dateLine: dates.line(at: 0), into: &out)
        let head = String(decoding: out, as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 501 Not Implemented\r\nServer: talon\r\nDate: Thu, 01 Jan 1970"))
        #expect(head.hasSuffix("\r\n\r\n"))
        #expect(!head.contains("<html>"))
    }

    @Test(
        "has the registered phrases (RFC 9110 §15)",
        arguments: [
            (100, "Continue"), (200, "OK"), (204, "No Content"), (301, "Moved Permanently"), (404, "Not Found"),
            (431, "Request Header Fields Too Large"), (500, "Internal Server Error"), (299, "Unknown"), (99, "Unknown"),
            (306, "Unknown"), (499, "Unknown"), (999, "Unknown"),
        ])
    func phrases(status: Int, phrase: String) {
        #expect(HTTPStatus.reasonPhrase(status) == phrase)
    }
}
