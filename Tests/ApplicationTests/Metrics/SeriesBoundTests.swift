import TalonTesting
import Testing

@Suite("The number of series", .serialized)
struct SeriesBoundTests {
    /// An application that states a route and an error of its own for each path, and answers all the same.
    private static let source = """
        #include <string.h>
        #include "talon_plugin.h"
        static int32_t handle(void *state, const talon_exchange *exchange) {
            (void)state;
            exchange->set_route(exchange, exchange->request->path);
            if (exchange->request->path.size > 1) {
                exchange->set_error(exchange, exchange->request->path);
            }
            if (exchange->respond(exchange, 200, TALON_STR("OK"), NULL, 0) != 0) return TALON_ERROR;
            exchange->write(exchange, TALON_STR("ok"));
            return TALON_OK;
        }
        static const void *interface(void *state, const char *id) {
            static const talon_app_1 application = {.struct_size = sizeof(talon_app_1), .handle = handle};
            (void)state;
            return strcmp(id, TALON_INTERFACE_APP) == 0 ? &application : NULL;
        }
        TALON_PLUGIN_FULL("org.talon.test.choosing", "1.0.0", NULL, NULL, interface)
        """

    /// Sends requests of distinct methods, paths, routes and errors, many at a time.
    private func send(_ numbers: Range<Int>, to server: TalonServer) throws {
        let connection = try server.client.connect()
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 100) {
            let batch = start..<min(start + 100, numbers.upperBound)
            try connection.send(batch.map { "METHOD\($0) /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
            for _ in batch { #expect(try connection.receive(method: "GET").status == 200) }
        }
    }

    @Test("is bounded whatever clients and application choose, and stays so when workers are replaced")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        _ = try Compiler.sharedObject(source: Self.source, named: "choosing.so", in: directory)
        let options = ["--metrics-endpoints"]
        try serve("./choosing.so", options, in: nil, directory: directory, choosesPython: false) { server throws in
            let count = 100_000
            try send(0..<count, to: server)
            let failed = "gunicorn_worker_failed_requests_total"
            try eventually("all are counted") { try server.metrics().sum(failed) == Double(count) }
            let page = try server.metrics()
            #expect(page.all(failed).count == 501)
            #expect(page.sum("gunicorn_worker_error_handling_total") == Double(count))
            #expect(page.sum(failed, ["error_type": "other", "endpoint": "other"]) == Double(count - 500))
            #expect(page.sum("talon_http_requests_total", ["method": "OTHER"]) == Double(count))
            let endpoints = page.all("talon_http_endpoint_requests_total").compactMap { $0.labels["endpoint"] }
            #expect(Set(endpoints).count <= 101)
            #expect(page.samples.count < 4500)

            for worker in server.workers() { worker.signal(9) }
            try eventually("another worker is there") {
                try server.metrics().all("talon_worker_info").first?.labels["age"] == "2"
            }
            try send(count..<count + 2000, to: server)
            try eventually("all are counted, with those of the first") {
                try server.metrics().sum(failed) == Double(count + 2000)
            }
            let after = try server.metrics()
            for name in [failed, "talon_http_endpoint_requests_total", "talon_http_requests_total"] {
                #expect(after.all(name).count == page.all(name).count, "\(name)")
            }
        }
    }
}
