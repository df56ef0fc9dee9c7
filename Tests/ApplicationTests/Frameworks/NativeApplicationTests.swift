import TalonTesting
import Testing

@Suite("A native application", .serialized)
struct NativeApplicationTests {
    static let source = "\(Repository.root)/Plugins/Examples/hello-app-c/hello.c"

    private func serveHello<Result>(_ options: [String] = [], _ body: (TalonServer) throws -> Result) throws -> Result {
        let directory = try TemporaryDirectory()
        let object = try Compiler.sharedObject(file: Self.source, flags: ["-std=c99", "-Wextra", "-Werror"])
        try directory.write(Files.bytes(object), to: "libhello.so")
        return try serve("./libhello.so", options, in: nil, directory: directory, choosesPython: false, body)
    }

    @Test("is served by its path, without Python", arguments: [[], ["--threads", "4"]])
    func hello(options: [String]) throws {
        try serveHello(options) { server throws in
            let client = server.client
            let hello = try client.get("/")
            #expect(hello.status == 200)
            #expect(hello.text == "Hello, world!")
            #expect(hello["content-length"] == "13")
            #expect(try client.get("/?query").text == "Hello, world!")
            let head = try client.request("HEAD", "/")
            #expect(head.status == 200)
            #expect(head["content-length"] == "13")
            #expect(head.body.isEmpty)
            #expect(try client.get("/nowhere").status == 404)

            let body = [UInt8](repeating: 0x62, count: 150_000)
            #expect(try client.request("POST", "/echo", body: body).body == body)
            #expect(try client.request("POST", "/echo", body: []).body.isEmpty)
            let chunked = try client.connect()
            try chunked.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try chunked.send("5\r\nHello\r\n0\r\n\r\n")
            #expect(try chunked.receive(method: "POST").text == "Hello")
            #expect(try chunked.get("/").text == "Hello, world!")

            for worker in server.workers() { #expect(!worker.commandLine.contains("python")) }
            let before = try server.metrics().sum("gunicorn_worker_requests_total")
            _ = try client.get("/")
            try eventually("the request is counted") {
                try server.metrics().sum("gunicorn_worker_requests_total") == before + 1
            }
        }
    }

    @Test("echoes a body as it comes, before its end")
    func streaming() throws {
        try serveHello { server throws in
            let connection = try server.client.connect()
            let part = String(repeating: "p", count: 0x10000)
            try connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            try connection.send("10000\r\n\(part)\r\n")
            _ = try connection.receive(until: "pppp")
            try connection.send("0\r\n\r\n")
            _ = try connection.receive(until: "0\r\n\r\n")
        }
    }

    @Test(
        "that cannot be served stops the start with exit 4 and a line that names file and reason",
        arguments: [
            ("missing", "", "missing.so"),
            ("text", "this is no ELF file", "text.so"),
            ("stranger", "int stranger(void) { return 1; }", "talon_plugin_info_1"),
            (
                "hook", "#include \"talon_plugin.h\"\nTALON_PLUGIN(\"org.talon.test.hook\", \"1.0.0\")", "talon.app/1"
            ),
            (
                "major",
                "struct { unsigned size; unsigned short major, minor; const char *id, *version, *language; void *f[3]; } "
                    + "i = {sizeof i, 9, 0, \"org.talon.test.major\", \"1.0.0\", \"c\", {0}}; "
                    + "const void *talon_plugin_info_1(void) { return &i; }",
                "9"
            ),
        ])
    func refused(name: String, content: String, reason: String) throws {
        let directory = try TemporaryDirectory()
        if name == "text" {
            try directory.write(content, to: "text.so")
        } else if !content.isEmpty {
            _ = try Compiler.sharedObject(source: content, named: "\(name).so", in: directory)
        }
        var options = TalonServer.Options()
        options.choosesPython = false
        let server = try TalonServer(["./\(name).so"], in: directory, options: options)
        #expect(try server.waitForExit() == .exited(4), "\(server.log)")
        #expect(server.log.contains("\(name).so"), "\(server.log)")
        #expect(server.log.contains(reason), "\(server.log)")
        #expect(!server.log.contains("Fatal error"))
        try server.expectNoOrphans()
    }
}
