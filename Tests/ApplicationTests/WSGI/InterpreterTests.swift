import TalonTesting
import Testing

/// The interpreters that `make test` has found; none when the tests are run without it, which is a failure.
private let interpreters = (try? TestEnvironment.pythons()) ?? []

@Suite("Talon serves with", .serialized)
struct InterpreterTests {
    @Test("every Python that the machine has; the tests know at least one")
    func some() {
        #expect(!interpreters.isEmpty, "set TALON_TEST_PYTHONS")
    }

    @Test("this interpreter, as itself", arguments: interpreters)
    func interpreter(path: String) throws {
        let script = "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sys.version.split()[0], sep='\\n')"
        let alone = try run(path, ["-c", script])
        try #require(alone.status == 0, "\(alone)")
        for options in [[], ["--threads", "2"]] {
            try serve("probe:app", ["--python", path] + options) { server throws in
                let client = server.client
                #expect(try client.get("/interpreter").text + "\n" == alone.output)
                #expect(try client.get("/").text == "Hello, world!")
                #expect(try client.request("HEAD", "/").body.isEmpty)
                #expect(try client.get("/empty-parts").text == "onetwo")

                var body: [UInt8] = []
                for number in 0..<200_000 { body.append(UInt8(truncatingIfNeeded: number)) }
                #expect(try client.request("POST", "/echo", body: body).body == body)
                let chunked = try client.connect()
                try chunked.send("POST /echo-pieces?size=2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
                try chunked.send("3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
                #expect(try chunked.receive(method: "POST").text == "abcdefg")

                let pid = try server.answeringPid()
                #expect(try client.get("/fail").status == 500)
                try server.waitForLog("RuntimeError: the application gave up")
                #expect(try client.get("/text-part").status == 500)
                #expect(try server.answeringPid() == pid)

                try server.directory.write("a file", to: "file")
                #expect(try client.get("/file-wrapper?kind=buffered").text == "a file")
                try server.open(gate: "more")
                #expect(try client.get("/generator?gate=more").text == "first second")
                try server.waitForEvent("closed generator")
            }
        }
    }

    @Test("this interpreter, and wsgiref's validator finds nothing", arguments: interpreters)
    func validator(path: String) throws {
        try serve("validated:app", ["--python", path]) { server throws in
            #expect(try server.client.get("/stream").status == 200)
            #expect(try server.client.request("POST", "/", body: Array("body".utf8)).text == "body")
            #expect(try server.client.request("HEAD", "/").status == 200)
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test(
        "an application in a folder that --chdir or --pythonpath names, by an absolute or a relative path",
        arguments: [
            ["--chdir", "inner"], ["--chdir", "./inner/"], ["--pythonpath", "inner"],
            ["--pythonpath", "/nowhere,inner"],
        ])
    func folders(options: [String]) throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("inner")
        let source = "def app(e, s): s('200 OK', []); return [b'found']"
        try directory.write(source, to: "inner/found.py")
        try serve("found:app", options, in: nil, directory: directory) { server throws in
            #expect(try server.client.get("/").text == "found")
        }
        let absolute = options.dropFirst().map { $0 == "/nowhere,inner" ? $0 : directory.file($0) }
        try serve("found:app", options.prefix(1) + absolute, in: nil, directory: directory) { server throws in
            #expect(try server.client.get("/").text == "found")
        }
    }

    @Test("the packages of a virtual environment, named by --python or by VIRTUAL_ENV", arguments: [true, false])
    func virtualEnvironment(byVariable: Bool) throws {
        let python = try TestEnvironment.python()
        let environment = String(python.dropLast("/bin/python".count))
        let variables = byVariable ? ["VIRTUAL_ENV": environment] : [:]
        let arguments = byVariable ? [] : ["--python", python]
        try serve("probe:app", arguments, environment: variables, choosesPython: false) { server throws in
            let lines = try server.client.get("/interpreter").text.split(separator: "\n")
            #expect(lines.count > 1 && lines[1] == environment, "\(lines)")
            #expect(try server.client.get("/module?name=flask").text.hasPrefix(environment + "/lib/"))
        }
    }
}
