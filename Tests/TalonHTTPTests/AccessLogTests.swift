import TalonPlatform
import Testing

@testable import TalonHTTP

/// What the lines of these tests are about.
let record = AccessRecord(
    remoteAddress: StableText("10.0.0.1"), unixTime: 1_795_376_131_042_000_000, status: 200,
    bodyBytes: 12, microseconds: 1_002_345, processID: 77,
    variables: variables([("other", "first"), ("OTHER", "caf\u{E9} \"x\""), ("zero", "a\0b"), ("RAW_URI", "stated")]))

private func variables(_ pairs: [(String, String)]) -> RequestVariables {
    var variables = RequestVariables()
    for (name, value) in pairs { variables.state(Array(name.utf8).span, Array(value.utf8).span) }
    return variables
}

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

private let response = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Out:  y\r\n\r\nX-Body: no\r\n\r\n"

@Suite("The access log")
struct AccessLogTests {
    private func line(_ format: String, _ text: String = request) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        AccessLogFormat(format).render(
            record, time: Array("[22/Nov/2026:19:35:31 +0000]".utf8), head: parseWhole(bytes).head, request: bytes.span,
            response: Array(response.utf8).span, into: &out)
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
            ("%({CONTENT_TYPE}e)s", "text/plain"), ("%({REQUEST_URI}e)s", "/a%20b/%22?c=d"), ("%({none}e)s", "-"),
            ("%({Other}e)s", #"caf\xC3\xA9 \"x\""#), ("%({zero}e)s", "-"), ("%({raw_uri}e)s", "stated"),
            ("%({REMOTE_ADDR}e)s", "10.0.0.1"), ("%({x-body}o)s", "-"),
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

@Suite("The access log in JSON: access_log_json")
struct AccessLogJSONTests {
    private func line(_ text: String = request, _ head: String = response, _ record: AccessRecord = record) -> String {
        let bytes = Array(text.utf8)
        let line = AccessLine()
        line.render(
            record, as: .json, head: parseWhole(bytes).head, request: bytes.span, response: Array(head.utf8).span)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test("is one object with numbers as numbers, and the time by RFC 3339")
    func whole() {
        #expect(
            line()
                == #"{"time":"2026-11-22T19:35:31.042Z","remote_addr":"10.0.0.1","user":"user","method":"GET","#
                + #""host":"h","path":"/a%20b/%22","query":"c=d","protocol":"HTTP/1.1","status":200,"bytes_sent":12,"#
                + #""duration":1.002345,"referer":"http://r/","user_agent":"curl/8 \"x\"\\","pid":77}"#)
    }

    @Test("leaves out what a request does not have")
    func missing() {
        var bare = record
        bare.remoteAddress = StableText("")
        #expect(
            line("GET / HTTP/1.0\r\n\r\n", "", bare)
                == #"{"time":"2026-11-22T19:35:31.042Z","method":"GET","path":"/","protocol":"HTTP/1.0","status":200,"#
                + #""bytes_sent":12,"duration":1.002345,"pid":77}"#)
    }

    @Test("has the request id of the response, else that of the request")
    func requestID() {
        let text = "GET / HTTP/1.0\r\nX-Request-ID: asked\r\n\r\n"
        #expect(line(text, "").contains(#""request_id":"asked""#))
        let answered = line(text, "HTTP/1.1 200 OK\r\nx-request-id: answered\r\n\r\n")
        #expect(answered.contains(#""request_id":"answered""#))
    }

    @Test(
        "escapes what would end a text, and is UTF-8 whatever was sent (RFC 8259 §7, RFC 3629 §4)",
        arguments: [
            ([0x22, 0x5C], #"\"\\"#), ([0x01], #"\u0001"#), ([0x7F], #"\u007F"#), ([0x0A, 0x0D], #"\u000A\u000D"#),
            ([0xC3, 0xA9], "é"), ([0xE2, 0x82, 0xAC], "€"), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
            ([0xC2, 0x9B], #"\u009B"#),
            ([0xE9], #"\ufffd"#), ([0x80], #"\ufffd"#), ([0xC3], #"\ufffd"#), ([0xC0, 0x80], #"\ufffd\ufffd"#),
            ([0xE0, 0x80, 0x80], #"\ufffd\ufffd\ufffd"#), ([0xED, 0xA0, 0x80], #"\ufffd\ufffd\ufffd"#),
            ([0xF4, 0x90, 0x80, 0x80], #"\ufffd\ufffd\ufffd\ufffd"#), ([0xE2, 0x82, 0x41], #"\ufffd\ufffdA"#),
            ([0xFF, 0x41], #"\ufffdA"#), ([], ""),
        ] as [([UInt8], String)])
    func escapes(bytes: [UInt8], expected: String) {
        var out: [UInt8] = []
        out.append(json: bytes.span)
        #expect(String(decoding: out, as: UTF8.self) == expected)
    }
}
