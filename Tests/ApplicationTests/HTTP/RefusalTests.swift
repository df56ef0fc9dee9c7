import TalonTesting
import Testing

/// A request that no application may see.
struct BadRequest: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let status: Int

    var testDescription: String { name }

    private init(_ name: String, _ status: Int, _ text: String) {
        self.name = name
        self.status = status
        self.text = text
    }

    /// With a request line of its own.
    private static func line(_ name: String, _ line: String, _ status: Int = 400) -> BadRequest {
        BadRequest(name, status, "\(line)\r\nHost: h\r\n\r\n")
    }

    /// With a field of its own.
    private static func field(_ name: String, _ field: String, _ status: Int = 400) -> BadRequest {
        BadRequest(name, status, "GET / HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n")
    }

    /// With a body whose framing is in doubt, and a request hidden in it.
    private static func framing(_ name: String, _ fields: String, _ status: Int = 400, version: String = "1.1")
        -> BadRequest
    {
        BadRequest(
            name, status,
            "POST /echo HTTP/\(version)\r\nHost: h\r\n\(fields)\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
        )
    }

    static let all = [
        line("only a method", "GET"),
        line("no version", "GET /"),
        line("two blanks", "GET  / HTTP/1.1"),
        line("a fourth word", "GET / HTTP/1.1 more"),
        line("a blank first", " GET / HTTP/1.1"),
        line("a tab", "GET\t/\tHTTP/1.1"),
        line("a method in lower case", "get / HTTP/1.1"),
        line("a method of two letters", "GE / HTTP/1.1"),
        line("a method of 21 letters", "ABCDEFGHIJKLMNOPQRSTU / HTTP/1.1"),
        line("a method with a number sign", "GE#T / HTTP/1.1"),
        line("a version in lower case", "GET / http/1.1"),
        line("version 1.10", "GET / HTTP/1.10"),
        line("version 2.0", "GET / HTTP/2.0", 505),
        line("version 0.9", "GET / HTTP/0.9", 505),
        line("no number in the version", "GET / HTTP/x.y"),
        line("a relative target", "GET index.html HTTP/1.1"),
        line("an asterisk with GET", "GET * HTTP/1.1"),
        line("an authority with GET", "GET h:80 HTTP/1.1"),
        line("NUL in the target", "GET /\0 HTTP/1.1"),
        line("a carriage return in the target", "GET /a\rb HTTP/1.1"),
        field("no colon", "NoColon"),
        field("no name", ": value"),
        field("a blank before the colon", "X-A : 1"),
        field("a blank in the name", "X A: 1"),
        field("a parenthesis in the name", "X(A: 1"),
        field("a folded line", "X-A: 1\r\n 2"),
        field("a blank before the first name", " X-A: 1"),
        field("NUL in a value", "X-A: 1\u{0}2"),
        field("a control character in a value", "X-A: 1\u{1}2"),
        field("a carriage return in a value", "X-A: 1\rX-B: 2"),
        field("a line feed in a value", "X-A: 1\nX-B: 2"),
        field("a second Host", "Host: other"),
        field("a second Content-Type", "Content-Type: a/b\r\nContent-Type: c/d"),
        field("an unknown expectation", "Expect: 200-ok", 417),
        framing("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        framing("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        framing("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        framing("the same length twice", "Content-Length: 5\r\nContent-Length: 5"),
        framing("a list of lengths", "Content-Length: 5, 5"),
        framing("a length with a plus", "Content-Length: +5"),
        framing("a negative length", "Content-Length: -5"),
        framing("a length in hex", "Content-Length: 0x5"),
        framing("a length with an underscore", "Content-Length: 1_0"),
        framing("no length", "Content-Length: "),
        framing("a length beyond all numbers", "Content-Length: 99999999999999999999"),
        framing("chunked twice", "Transfer-Encoding: chunked, chunked"),
        framing("chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        framing("chunked before another coding", "Transfer-Encoding: chunked, gzip"),
        framing("chunked behind a vertical tab", "Transfer-Encoding: \u{B}chunked"),
        framing("chunks in HTTP/1.0", "Transfer-Encoding: chunked", version: "1.0"),
        framing("an unknown coding", "Transfer-Encoding: banana", 501),
        framing("almost chunked", "Transfer-Encoding: xchunked", 501),
        line("a line of 5000 bytes", "GET /\(String(repeating: "a", count: 5000)) HTTP/1.1"),
        line("a line without an end", "GET /\(String(repeating: "a", count: 20_000))"),
        field("a value of 8300 bytes", "X-A: \(String(repeating: "a", count: 8300))", 431),
        field("a name of 8300 bytes", "\(String(repeating: "a", count: 8300)): 1", 431),
        field("101 more fields", (0...100).map { "X-\($0): 1" }.joined(separator: "\r\n"), 431),
    ]
}

@Suite("A request that is refused before the application", .serialized)
struct RefusalTests {
    @Test("gets its status, a closed connection, a line in the log and a count; no request is counted")
    func refused() throws {
        try serve("probe:app") { server throws in
            let pid = try server.answeringPid()
            let before = try server.settledRequests()
            for (number, request) in BadRequest.all.enumerated() {
                let answer = try server.exchange(request.text)
                #expect(answer.status == request.status, "\(request.name): \(answer.text.prefix(200))")
                #expect(answer.responses == 1, "\(request.name)")
                #expect(answer.text.lowercased().contains("\r\nconnection: close\r\n"), "\(request.name)")
                #expect(answer.ending != .late, "\(request.name): the connection stays open")
                try server.waitForLogs("Invalid request from ip=127.0.0.1", count: number + 1)
            }
            try eventually("all are counted in gunicorn_worker_error_handling_total") {
                try server.metrics().sum("gunicorn_worker_error_handling_total") == Double(BadRequest.all.count)
            }
            #expect(try server.metrics().sum("gunicorn_worker_requests_total") == before)
            #expect(try server.answeringPid() == pid)
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("is counted with the labels method, endpoint and error_type, whose number no client can drive up")
    func labels() throws {
        try serve("probe:app") { server throws in
            for number in 0..<20 {
                _ = try server.exchange("GET /\(number) HTTP/1.1\r\nHost: h\r\nHost: h\(number)\r\n\r\n")
            }
            try eventually("they are counted") {
                try server.metrics().sum("gunicorn_worker_error_handling_total") == 20
            }
            let page = try server.metrics()
            #expect(page.types["gunicorn_worker_error_handling_total"] == "counter")
            #expect(
                page.helps["gunicorn_worker_error_handling_total"] == "Total number of errors handled by this worker")
            let samples = page.all("gunicorn_worker_error_handling_total")
            for sample in samples {
                #expect(Set(sample.labels.keys) == ["worker_id", "method", "endpoint", "error_type"])
                #expect(sample.labels["worker_id"] == "worker_0")
            }
            #expect(samples.count < 20, "one series for each path that a stranger thinks of")
        }
    }

    @Test("does not take away what came whole before it on the same connection")
    func afterGoodOnes() throws {
        try serve("probe:app") { server throws in
            let good = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
            let answer = try server.exchange(good + good + "GET / HTTP/1.1\r\nHost : h\r\n\r\n" + good)
            #expect(answer.text.split(separator: "Hello, world!", omittingEmptySubsequences: false).count == 3)
            #expect(answer.text.contains("HTTP/1.1 400 "))
            #expect(answer.responses == 3)
            #expect(answer.ending != .late)
        }
    }

    @Test("is not one at the limits themselves")
    func limits() throws {
        try serve("probe:app") { server throws in
            let client = server.client
            // 4094 bytes of line, 100 fields, 8190 bytes of field: gunicorn's defaults.
            let path = "/" + String(repeating: "a", count: 4094 - "GET / HTTP/1.1".utf8.count - 1)
            #expect(try client.get(path).status == 404)
            let fields = (0..<98).map { ("X-\($0)", "1") }
            #expect(try client.get("/", headers: fields).status == 200)
            #expect(try client.get("/", headers: [("X-Long", String(repeating: "a", count: 8100))]).status == 200)
            #expect(try client.get("/", headers: [("X-Bytes", "caf\u{E9} \t ~")]).status == 200)
            #expect(try server.exchange("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").status == 404)
            #expect(try client.request("M-SEARCH", "/").status == 200)
        }
    }
}

extension TalonServer {
    /// gunicorn_worker_requests_total, once the requests so far are counted.
    func settledRequests() throws -> Double {
        // One whose answer is out runs until it is counted.
        try eventually("nothing runs") { try metrics().sum("talon_http_requests_in_flight") == 0 }
        var last = -1.0
        return try eventually("the count of requests stands still") {
            let now = try metrics().sum("gunicorn_worker_requests_total")
            defer { last = now }
            pause(milliseconds: 50)
            return now == last ? now : nil
        }
    }
}
