import Testing

@testable import TalonHTTP

/// What the lines of these tests are about.
let record = AccessRecord(
    remoteAddress: Array("10.0.0.1".utf8), time: Array("[22/Nov/2026:19:35:31 +0000]".utf8), status: 200,
    bodyBytes: 12, microseconds: 1_002_345, processID: 77)

private let request = """
    GET /a%20b/%22?c=d HTTP/1.1\r
    Host: h\r
    User-Agent: curl/8 "x"\\\r
    Referer: http://r/\r
    Authorization: Basic dXNlcjpwYXNz\r
    X-Id: 1\r
    X-Id: 2\r
    Content-Type: text/plain\r
    X-Name: caf\u{E9}\r
    \r

    """

private let response = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Out:  y\r\n\r\n"

@Suite("The access log")
struct AccessLogTests {
    private func line(_ format: String, _ text: String = request) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        AccessLogFormat(format).render(
            record, head: parseWhole(bytes).head, request: bytes.span, response: Array(response.utf8).span, into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test("writes gunicorn's default line")
    func standard() {
        #expect(
            line(AccessLogFormat.standard)
                == #"10.0.0.1 - user [22/Nov/2026:19:35:31 +0000] "GET /a%20b/%22?c=d HTTP/1.1" 200 12 "#
                + #""http://r/" "curl/8 \"x\"\\""#)
    }

    @Test(
        "knows every atom",
        arguments: [
            ("%(h)s", "10.0.0.1"), ("%(l)s", "-"), ("%(u)s", "user"), ("%(t)s", "[22/Nov/2026:19:35:31 +0000]"),
            ("%(r)s", "GET /a%20b/%22?c=d HTTP/1.1"), ("%(m)s", "GET"), ("%(U)s", #"/a b/\""#), ("%(q)s", "c=d"),
            ("%(H)s", "HTTP/1.1"), ("%(s)s", "200"), ("%(B)s", "12"), ("%(b)s", "12"), ("%(f)s", "http://r/"),
            ("%(a)s", #"curl/8 \"x\"\\"#), ("%(T)s", "1"), ("%(M)s", "1002"), ("%(D)s", "1002345"),
            ("%(L)s", "1.002345"), ("%(p)s", "<77>"), ("%({x-id}i)s", "2"), ("%({X-ID}i)s", "2"),
            ("%({x-none}i)s", "-"), ("%({content-type}o)s", "text/html"), ("%({X-Out}o)s", "y"),
            ("%({x}o)s", "-"), ("%({REQUEST_METHOD}e)s", "GET"), ("%({http_x_id}e)s", "2"),
            ("%({CONTENT_TYPE}e)s", "text/plain"), ("%({RAW_URI}e)s", "/a%20b/%22?c=d"), ("%({other}e)s", "-"),
            ("%({x-name}i)s", #"caf\xC3\xA9"#), ("%(z)s", "-"), ("%(zz)s", "-"), ("%()s", "-"), ("%({x}z)s", "-"),
            ("%({}i)s", "-"), ("%(D)d", "1002345"), ("%(s)-6s|", "200|"), ("100%%", "100%"), ("%", "%"), ("%x", "%x"),
            ("%(s", "%(s"), ("%(s)", "%(s)"), ("", ""), ("%%(s)s", "%(s)s"), ("a%(s)sb%(m)sc", "a200bGETc"),
        ])
    func atoms(format: String, expected: String) {
        #expect(line(format) == expected)
    }

    @Test("prints a dash for what a request does not have")
    func missing() {
        let bare = "GET / HTTP/1.0\r\n\r\n"
        #expect(line("%(f)s %(a)s %(u)s [%(q)s] %(H)s", bare) == "- - - [] HTTP/1.0")
        #expect(line("%(r)s %(m)s %(U)s %(s)s", "\u{16}") == "- - - 200")
    }

    @Test(
        "takes no user from other credentials",
        arguments: ["Bearer abc", "Basic", "Basic ", "Basic !!", "Basic dXNlcg==", "Basic OnBhc3M=", "Digest x"])
    func noUser(value: String) {
        #expect(line("%(u)s", "GET / HTTP/1.0\r\nAuthorization: \(value)\r\n\r\n") == "-")
    }

    @Test("cannot be made to forge lines")
    func forging() {
        // "a\nb" as the user, and a line end in the path.
        let text = "GET /%0d%0A%5C HTTP/1.0\r\nAuthorization: basic YQpiOmM=\r\n\r\n"
        #expect(line("%(u)s %(U)s", text) == #"a\x0Ab /\x0D\x0A\\"#)
    }
}
