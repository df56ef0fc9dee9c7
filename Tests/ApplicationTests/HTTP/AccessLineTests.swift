import Glibc
import TalonPlatform
import TalonTesting
import Testing

extension TalonServer {
    /// The first line of the access log, which is the standard output, that has this text.
    fileprivate func accessLine(with text: String) throws -> String {
        try eventually("an access line with \(text)") {
            standardOutput.split(separator: "\n").first { $0.contains(text) }.map(String.init)
        }
    }
}

@Suite("An access line", .serialized)
struct AccessLineTests {
    private static let kinds = [[], ["--threads", "4"]]

    @Test("shows fields of the response, {name}o, and variables of the environ, {name}e", arguments: kinds)
    func fields(options: [String]) throws {
        let format =
            "line %(m)s %({x-answer}o)s %({Content-Length}o)s %({server}o)s %({nothing}o)s %({probe.user}e)s "
            + "%({server_port}e)s %({wsgi.url_scheme}e)s %({wsgi.version}e)s %({nothing}e)s %({HTTP_X_ASKED}e)s"
        try serve("logged:app", ["--access-logfile", "-", "--access-logformat", format] + options) { server throws in
            let port = server.port
            let connection = try server.client.connect()
            for _ in 0..<2 { _ = try connection.get("/?1", headers: [("X-Asked", "a\"b")]) }
            _ = try connection.get("/plain")
            let first = try server.accessLine(with: #"a\"b"#)
            #expect(first == #"line GET answer 5 talon - caf\xC3\xA9 \#(port) http (1, 0) - a\"b"#)
            // Nothing of a request is left for the next one of its thread.
            #expect(try server.accessLine(with: "line GET - 2 ") == "line GET - 2 talon - - \(port) http (1, 0) - -")
        }
    }

    @Test("is an object of JSON with access_log_json, whatever the format is", arguments: kinds)
    func json(options: [String]) throws {
        let settings = ["--access-logfile", "-", "--access-log-json", "--access-logformat", "%(m)s"]
        try serve("logged:app", settings + options) { server throws in
            let hostile = "GET /\u{E9}?q=\"\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: \u{1F600}\"\r\nReferer: caf"
            let connection = try server.client.connect()
            try connection.send(Array(hostile.utf8) + [0xE9] + Array("\r\nConnection: close\r\n\r\n".utf8))
            _ = connection.receiveToEnd()
            _ = try server.client.get("/?id", headers: [("X-Request-ID", "abc"), ("Authorization", "Basic bWU6cHc=")])
            let line = try server.accessLine(with: #""request_id":"abc""#)
            let object = try JSON(Array(line.utf8))
            #expect(object["method"]?.string == "GET")
            #expect(object["path"]?.string == "/")
            #expect(object["query"]?.string == "id")
            #expect(object["protocol"]?.string == "HTTP/1.1")
            #expect(object["status"]?.integer == 200)
            #expect(object["bytes_sent"]?.integer == 5)
            #expect(object["user"]?.string == "me")
            #expect(object["remote_addr"]?.string == "127.0.0.1")
            #expect(object["pid"]?.integer.map { server.workerPids().contains(Int32($0)) } == true)
            let duration = try #require(object["duration"]?.double)
            #expect(duration >= 0 && duration < 20)
            for line in server.standardOutput.split(separator: "\n") {
                #expect(try JSON(Array(line.utf8))["status"] != nil, "\(line)")
            }
        }
    }

    @Test("is in the format of the others where the master writes it")
    func lost() throws {
        let directory = try TemporaryDirectory()
        let settings = ["-t", "1", "--access-log-json", "--access-logfile", directory.file("access")]
        try serve("logged:app", settings, directory: directory) { server throws in
            let worker = server.workerPids()[0]
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/stuck")
            _ = connection.receiveToEnd()
            let line = try eventually("the line of the request") {
                directory.lines("access").first { $0.contains("/stuck") }
            }
            let object = try JSON(Array(line.utf8))
            #expect(object["path"]?.string == "/stuck")
            #expect(object["status"]?.integer == 504)
            #expect(object["pid"]?.integer == Int(worker))
        }
    }
}
