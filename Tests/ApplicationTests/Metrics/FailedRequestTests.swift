import TalonTesting
import Testing

/// What the two families about errors say, as (method, endpoint, error_type) to a count.
private struct Errors: Equatable {
    var failed: [String: Double] = [:]
    var handled: [String: Double] = [:]

    init(_ page: MetricsPage) {
        func counts(_ name: String) -> [String: Double] {
            Dictionary(
                page.all(name).map { sample in
                    (
                        ["method", "endpoint", "error_type"].map { sample.labels[$0] ?? "" }.joined(separator: " "),
                        sample.value
                    )
                }, uniquingKeysWith: +
            ).filter { $0.value > 0 }
        }
        failed = counts("gunicorn_worker_failed_requests_total")
        handled = counts("gunicorn_worker_error_handling_total")
    }
}

@Suite("Failed requests", .serialized)
struct FailedRequestTests {
    /// The one error that both families count after these requests.
    private func expect(_ error: String?, handledOnly: Bool = false, _ server: TalonServer) throws {
        guard let error else {
            _ = try server.settledRequests()
            let errors = try Errors(server.metrics())
            #expect(errors.failed.isEmpty && errors.handled.isEmpty, "\(errors)")
            return
        }
        try eventually("\(error) is counted") { try Errors(server.metrics()).handled[error] == 1 }
        let errors = try Errors(server.metrics())
        #expect(errors.handled == [error: 1])
        #expect(errors.failed == (handledOnly ? [:] : [error: 1]))
    }

    @Test(
        "are those that an exception leaves, wherever it comes from",
        arguments: [
            ("/fail", "RuntimeError"), ("/fail-after-start", "RuntimeError"), ("/fail-first", "RuntimeError"),
            ("/fail-midway", "RuntimeError"), ("/exc-info-late", "RuntimeError"), ("/text-part", "TypeError"),
            ("/none", "TypeError"), ("/no-start", "AssertionError"), ("/start-twice", "AssertionError"),
            ("/bad-header?kind=newline", "ValueError"), ("/bad-status?kind=type", "TypeError"),
        ])
    func exceptions(target: String, error: String) throws {
        try serve("probe:app") { server throws in
            _ = try? server.client.get(target)
            try expect("GET UNKNOWN \(error)", server)
            // Counted as a request as well: of so many requests so many failed.
            #expect(try server.metrics().sum("gunicorn_worker_requests_total") == 2)
        }
    }

    @Test("have the route and the class of the exception, once for each request", arguments: [[], ["--threads", "4"]])
    func labels(options: [String]) throws {
        try serve("counted:app", options) { server throws in
            #expect(try server.client.request("PUT", "/items/7?raise=Oops&route=/items/%7Bid%7D").status == 500)
            try expect("PUT /items/{id} Oops", server)
            _ = try server.client.get("/items/8?close=Late&route=/items/%7Bid%7D")
            try eventually("an exception of close() is counted") {
                try Errors(server.metrics()).failed["GET /items/{id} Late"] == 1
            }
        }
    }

    @Test(
        "are not those that the application answers itself, nor those of a client that closes",
        arguments: [
            "GET /status?line=500%20Own HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "GET /exc-info HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            // What the exporter took for failures: D4 of its defects.
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        ])
    func successes(request: String) throws {
        try serve("probe:app") { server throws in
            #expect(try server.exchange(request).responses == 1)
            try expect(nil, server)
            #expect(try server.metrics().sum("gunicorn_worker_requests_total") == 2)
        }
    }

    @Test("are not those whose client has left")
    func clients() throws {
        try serve("probe:app") { server throws in
            let reader = try server.client.connect()
            try reader.sendHead("GET", "/endless")
            _ = try reader.receive(until: "xxxx")
            reader.close()
            try server.waitForEvent("closed endless")
            let writer = try server.client.connect()
            try writer.sendHead("POST", "/read-all", headers: [("Content-Length", "1000000")])
            try writer.send(String(repeating: "b", count: 4096))
            try server.waitForEvent("first block")
            writer.close()
            try server.waitForEvent("broke off: OSError")
            try eventually("both are counted") {
                try server.metrics().sum("gunicorn_worker_requests_total") == 3
            }
            try expect(nil, server)
            #expect(try server.metrics().sum("talon_http_requests_total", ["status": "none"]) == 1)
        }
    }

    @Test(
        "are not those that are malformed: those are errors that were handled",
        arguments: [
            ("nonsense\r\n\r\n", "UNKNOWN UNKNOWN InvalidRequestMethod"),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "UNKNOWN UNKNOWN InvalidHeader"),
            (
                "POST /read-all HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST UNKNOWN InvalidChunkSize"
            ),
        ])
    func malformed(request: String, error: String) throws {
        try serve("probe:app") { server throws in
            #expect(try server.exchange(request).status == 400)
            try expect(error, handledOnly: true, server)
        }
    }

    @Test("are named by a native application, and by the status where it does not name them")
    func native() throws {
        let source = """
            #include <string.h>
            #include "talon_plugin.h"
            static int32_t handle(void *state, const talon_exchange *exchange) {
                (void)state;
                talon_str path = exchange->request->path;
                if (TALON_HAS(exchange, set_error) && path.size == 6) {
                    exchange->set_route(exchange, TALON_STR("/{name}"));
                    exchange->set_error(exchange, TALON_STR("first"));
                    exchange->set_error(exchange, TALON_STR("second"));
                }
                return path.size == 1 ? TALON_OK : TALON_ERROR;
            }
            static const void *interface(void *state, const char *id) {
                static const talon_app_1 application = {.struct_size = sizeof(talon_app_1), .handle = handle};
                (void)state;
                return strcmp(id, TALON_INTERFACE_APP) == 0 ? &application : NULL;
            }
            TALON_PLUGIN_FULL("org.talon.test.failing", "1.0.0", NULL, NULL, interface)
            """
        let directory = try TemporaryDirectory()
        _ = try Compiler.sharedObject(source: source, named: "failing.so", in: directory)
        // It answers nothing at all, so it is never ready for the helper that asks for 200.
        var options = TalonServer.Options()
        options.choosesPython = false
        let server = try TalonServer(["./failing.so"], in: directory, options: options)
        try server.waitForLog("Booting worker")
        for target in ["/named", "/silent"] { #expect(try server.client.get(target).status == 500) }
        try eventually("both are counted") {
            let errors = try Errors(server.metrics())
            return errors.failed["GET /{name} first"] == 1 && errors.failed["GET UNKNOWN HTTP500"] == 1
        }
        try server.stop()
    }
}
