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

@Suite("A native application that answers later", .serialized)
struct PendingApplicationTests {
    /// Each request is answered by a thread of its own, once as many are there as the query says; /cancelled tells when
    /// the host breaks it off.
    static let source = """
        #include <pthread.h>
        #include <stdlib.h>
        #include <string.h>
        #include "talon_plugin.h"
        static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
        static int here, cancelled;
        static void *answer(void *argument) {
            const talon_exchange *exchange = argument;
            int wanted = atoi(exchange->request->query.data), waits = exchange->request->path.size > 1, status = TALON_OK;
            pthread_mutex_lock(&lock);
            here++;
            pthread_cond_broadcast(&changed);
            while (waits ? !cancelled : here < wanted) pthread_cond_wait(&changed, &lock);
            pthread_mutex_unlock(&lock);
            char body[64];
            int64_t size = exchange->read(exchange, body, sizeof body);
            if (exchange->respond(exchange, 200, TALON_STR("OK"), NULL, 0) != 0 ||
                exchange->write(exchange, (talon_str){body, size > 0 ? (size_t)size : 0}) != 0 ||
                exchange->write(exchange, TALON_STR("done")) != 0) status = TALON_ERROR;
            exchange->complete(exchange, status);
            return NULL;
        }
        static int32_t handle(void *state, const talon_exchange *exchange) {
            (void)state;
            pthread_t thread;
            if (pthread_create(&thread, NULL, answer, (void *)exchange) != 0) return TALON_ERROR;
            pthread_detach(thread);
            return TALON_PENDING;
        }
        static void cancel(void *state, const talon_exchange *exchange) {
            (void)state, (void)exchange;
            pthread_mutex_lock(&lock);
            cancelled = 1;
            pthread_cond_broadcast(&changed);
            pthread_mutex_unlock(&lock);
        }
        static const talon_app_1 app = {.struct_size = sizeof app, .handle = handle, .cancel = cancel};
        static const void *offer(void *state, const char *id) {
            (void)state;
            return strcmp(id, TALON_INTERFACE_APP) == 0 ? &app : NULL;
        }
        TALON_PLUGIN_FULL("org.talon.test.pending", "1.0.0", NULL, NULL, offer)
        """

    private func servePending(_ options: [String], _ body: (TalonServer) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        _ = try Compiler.sharedObject(source: Self.source, named: "pending.so", in: directory)
        try serve("./pending.so", options, in: nil, directory: directory, choosesPython: false, body)
    }

    @Test("has its requests run at the same time, in every kind that does", arguments: ["asgi", "gevent", "tornado"])
    func together(kind: String) throws {
        try servePending(["-k", kind]) { server throws in
            let connections = try (0..<50).map { _ in try server.client.connect() }
            for connection in connections { try connection.sendHead("GET", "/?50") }
            for connection in connections { #expect(try connection.receive().text == "done") }
            for connection in connections.prefix(3) {
                let body = Array("body ".utf8)
                #expect(try connection.request("POST", "/?1", body: body).text == "body done")
            }
            try eventually("each is counted once") {
                try server.metrics().sum("gunicorn_worker_requests_total") >= 53
            }
        }
    }

    @Test("has them one after another where a thread runs one", arguments: [[], ["--threads", "3"]])
    func oneAfterAnother(options: [String]) throws {
        try servePending(options) { server throws in
            for _ in 0..<5 { #expect(try server.client.get("/?1").text == "done") }
        }
    }

    @Test("is told when a request is over its time limit, and goes on")
    func cancelled() throws {
        try servePending(["-k", "asgi", "--request-timeout", "1"]) { server throws in
            let pids = server.workerPids()
            #expect(try server.client.get("/waits").status == 504)
            try server.waitForLog("Request timeout: GET /waits is over its time limit")
            #expect(try server.client.get("/?1").text == "done")
            #expect(server.workerPids() == pids)
        }
    }
}
