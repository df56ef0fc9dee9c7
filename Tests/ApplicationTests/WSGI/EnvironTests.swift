import TalonTesting
import Testing

/// An environ as the fixture `environ.py` shows it.
private struct Environ {
    private let entries: [String: (type: String, value: String)]

    init(_ response: HTTPResponse) throws {
        try #require(response.status == 200, "\(response.status): \(response.text)")
        var entries: [String: (type: String, value: String)] = [:]
        for line in response.text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            entries[parts[0]] = (parts[1], parts[2...].joined(separator: "\t"))
        }
        self.entries = entries
    }

    var keys: [String] { entries.keys.sorted() }
    subscript(_ key: String) -> String? { entries[key]?.value }
    func type(_ key: String) -> String? { entries[key]?.type }
}

extension TalonServer {
    fileprivate func environ(_ target: String = "/", headers: [(String, String)] = []) throws -> Environ {
        try Environ(client.get(target, headers: headers))
    }
}

@Suite("The environ that an application gets", .serialized)
struct EnvironTests {
    @Test("has the keys of PEP 3333 and gunicorn's, in their types")
    func keys() throws {
        try serve("environ:app") { server throws in
            let connection = try server.client.connect()
            let response = try connection.request(
                "POST", "/a%20b/%C3%A9%2Fx?q=%20y&z",
                headers: [("Content-Type", "text/x-probe"), ("Connection", "close")],
                body: Array("body".utf8))
            let environ = try Environ(response)
            let texts = [
                "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/a b/\u{C3}\u{A9}/x",
                "QUERY_STRING": "q=%20y&z", "RAW_URI": "/a%20b/%C3%A9%2Fx?q=%20y&z", "SERVER_PROTOCOL": "HTTP/1.1",
                "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "\(server.port)", "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_TYPE": "text/x-probe", "CONTENT_LENGTH": "4", "HTTP_HOST": "127.0.0.1:\(server.port)",
                "HTTP_CONNECTION": "close", "wsgi.url_scheme": "http",
            ]
            for (key, value) in texts {
                if key != "HTTP_HOST" { #expect(environ[key] == value, "\(key)") }
                #expect(environ.type(key) == "str", "\(key)")
            }
            #expect(environ["HTTP_HOST"] == server.endpoint.host)
            for key in environ.keys where key.first?.isUppercase == true {
                #expect(environ.type(key) == "str", "\(key)")
            }

            #expect(environ.type("(environ)") == "dict")
            #expect(environ["(body)"] == "body")
            #expect(environ["wsgi.version"] == "(1, 0)")
            #expect(environ.type("wsgi.version") == "tuple")
            for key in ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "wsgi.input_terminated"] {
                #expect(environ.type(key) == "bool", "\(key)")
            }
            #expect(environ["wsgi.run_once"] == "False")
            #expect(environ["wsgi.input_terminated"] == "True")
            #expect(environ["wsgi.file_wrapper"] == "callable")
            #expect(environ["wsgi.input"] == "object")
            #expect(environ["wsgi.errors"] == "object")
            #expect(environ["gunicorn.socket"] == "object")
            #expect(environ["SERVER_SOFTWARE"]?.hasPrefix("talon/") == true)
            #expect((environ["REMOTE_PORT"].flatMap { Int($0) } ?? 0) > 1024)
            #expect(environ["HTTP_CONTENT_TYPE"] == nil)
            #expect(environ["HTTP_CONTENT_LENGTH"] == nil)
        }
    }

    @Test("says whether there are other threads and processes", arguments: [(1, 1), (2, 1), (1, 3), (2, 2)])
    func concurrency(workers: Int, threads: Int) throws {
        try serve("environ:app", ["--threads", "\(threads)"], workers: workers) { server throws in
            let environ = try server.environ()
            #expect(environ["wsgi.multiprocess"] == (workers > 1 ? "True" : "False"))
            #expect(environ["wsgi.multithread"] == (threads > 1 ? "True" : "False"))
        }
    }

    @Test("has repeated fields joined by commas, values in Latin-1, and no field with an underscore in its name")
    func fields() throws {
        try serve("environ:app") { server throws in
            let connection = try server.client.connect()
            try connection.send(
                "GET / HTTP/1.1\r\nHost: h\r\nX-Multi: one\r\nx-multi: two\r\nX-MULTI:\t three \r\nCookie: a=1\r\nCookie: b=2\r\n"
                    + "X_Multi: forged\r\nX-Empty:\r\nX-Latin: caf")
            try connection.send([0xE9] + Array("\r\n\r\n".utf8))
            let environ = try Environ(connection.receive())
            #expect(environ["HTTP_X_MULTI"] == "one,two,three")
            #expect(environ["HTTP_COOKIE"] == "a=1,b=2")
            #expect(environ["HTTP_X_LATIN"] == "caf\u{E9}")
            #expect(environ["HTTP_X_EMPTY"] == "")
        }
    }

    @Test("has the path of an absolute target, of one with a query only, and bytes that are no UTF-8")
    func targets() throws {
        try serve("environ:app") { server throws in
            let absolute = try server.environ("http://other.test/a%2e/b?c")
            #expect(absolute["PATH_INFO"] == "/a./b")
            #expect(absolute["QUERY_STRING"] == "c")
            #expect(absolute["RAW_URI"] == "http://other.test/a%2e/b?c")
            #expect(try server.environ("/%FF%zz%4")["PATH_INFO"] == "/\u{FF}%zz%4")
            #expect(try server.environ("/?a?b")["QUERY_STRING"] == "a?b")
            #expect(try server.environ("//double//x")["PATH_INFO"] == "//double//x")
            #expect(try server.environ("/a;b=c?d")["PATH_INFO"] == "/a;b=c")
            #expect(try server.environ("/plus+plus")["PATH_INFO"] == "/plus+plus")
        }
    }

    @Test("tells HTTP/1.0 from HTTP/1.1")
    func oldProtocol() throws {
        try serve("environ:app") { server throws in
            let connection = try server.client.connect()
            try connection.send("GET / HTTP/1.0\r\n\r\n")
            let environ = try Environ(connection.receive())
            #expect(environ["SERVER_PROTOCOL"] == "HTTP/1.0")
            #expect(environ["HTTP_HOST"] == nil)
        }
    }

    @Test("names the server after the Host field on a unix socket")
    func unixSocket() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s.sock")
        var options = TalonServer.Options()
        options.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        let arguments = ["environ:app", "--chdir", Apps.folder, "-b", "unix:\(path)"]
        let server = try TalonServer(arguments, in: directory, options: options)
        try server.waitUntilAnswers(at: .unix(path))
        let client = HTTPClient(.unix(path))
        let plain = try Environ(client.get("/", headers: [("Host", "example.test")]))
        #expect(plain["SERVER_NAME"] == "example.test")
        #expect(plain["SERVER_PORT"] == "80")
        #expect(plain["REMOTE_ADDR"] == "")
        #expect(plain.type("REMOTE_ADDR") == "str")
        let withPort = try Environ(client.get("/", headers: [("Host", "example.test:8123")]))
        #expect(withPort["SERVER_NAME"] == "example.test")
        #expect(withPort["SERVER_PORT"] == "8123")
        try server.stop()
    }

    @Test("names the address of an IPv6 listener")
    func ipv6() throws {
        let directory = try TemporaryDirectory()
        let port = try FreePort.any()
        let server = try TalonServer(
            ["environ:app", "--chdir", Apps.folder, "-b", "[::1]:\(port)", "-e", "PYTHONDONTWRITEBYTECODE=1"],
            in: directory)
        let script = """
            import http.client, sys
            c = http.client.HTTPConnection("::1", \(port), timeout=20); c.request("GET", "/")
            sys.stdout.write(c.getresponse().read().decode())
            """
        try server.waitForLog("Listening at: http://[::1]:\(port)")
        let answer = try run("/usr/bin/python3", ["-c", script])
        #expect(answer.output.contains("REMOTE_ADDR\tstr\t::1\n"), "\(answer)")
        #expect(answer.output.contains("SERVER_NAME\tstr\t::1\n"))
        #expect(answer.output.contains("SERVER_PORT\tstr\t\(port)"))
        try server.stop()
    }

    @Test("has SCRIPT_NAME from the environment, and the rest of the path in PATH_INFO; another path is a 500")
    func scriptName() throws {
        try serve("environ:app", ["-e", "SCRIPT_NAME=/mount"]) { server throws in
            let environ = try server.environ("/mount/inner%20path")
            #expect(environ["SCRIPT_NAME"] == "/mount")
            #expect(environ["PATH_INFO"] == "/inner path")
            #expect(try server.client.get("/elsewhere").status == 500)
        }
    }
}
