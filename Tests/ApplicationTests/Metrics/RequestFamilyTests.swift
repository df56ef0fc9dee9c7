import TalonTesting
import Testing

@Suite("Talon's own families of requests", .serialized)
struct RequestFamilyTests {
    @Test("tell method and status, the refused ones too; what nobody knows has one label together")
    func counts() throws {
        try serve("counted:app") { server throws in
            for (method, status, times) in [
                ("GET", "404 Not Found", 3), ("POST", "201 Created", 2), ("DELETE", "204 No Content", 1),
                ("PROPFIND", "207 Multi-Status", 1), ("INVENTED", "200 OK", 1), ("GET", "599 Own", 2),
                ("GET", "597 Own", 1),
            ] {
                let text = status.split(separator: " ").joined(separator: "%20")
                for _ in 0..<times { _ = try server.client.request(method, "/?status=\(text)", body: []) }
            }
            _ = try server.exchange("nonsense\r\n\r\n")
            _ = try server.exchange("BREW / HTTP/9.0\r\n\r\n")
            try eventually("all are counted") {
                // One is the question of waitUntilReady.
                try server.metrics().sum("talon_http_requests_total") == 14
            }
            let page = try server.metrics()
            for (method, status, times) in [
                ("GET", "404", 3.0), ("POST", "201", 2), ("DELETE", "204", 1), ("PROPFIND", "207", 1),
                ("OTHER", "200", 1), ("GET", "5xx", 3), ("UNKNOWN", "400", 1), ("UNKNOWN", "505", 1),
            ] {
                let labels = ["worker_id": "worker_0", "method": method, "status": status]
                #expect(page.value("talon_http_requests_total", labels) == times, "\(method) \(status)")
            }
            #expect(page.sum("talon_http_request_duration_seconds_count") == 12)
            #expect(page.sum("talon_http_queue_seconds_count") == 12)
            let bounds = page.all("talon_http_request_duration_seconds_bucket").compactMap { $0.labels["le"] }
            #expect(bounds.first == "0.0005" && bounds.suffix(2) == ["60.0", "+Inf"], "\(bounds)")
        }
    }

    @Test("tell the bytes that came and went, to the byte", arguments: [[], ["--threads", "4"]])
    func traffic(options: [String]) throws {
        let body = String(repeating: "b", count: 100_000)
        let requests = [
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n" + body,
            "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n" + body
                + "\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
            "GET /generator?gate=more HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "nonsense\r\n\r\n",
        ]
        try serve("probe:app", options) { server throws in
            try server.open(gate: "more")
            _ = try server.settledRequests()
            for request in requests {
                let before = try server.metrics()
                let answer = try server.exchange(request)
                #expect(answer.ending == .closed)
                func rise(_ name: String) throws -> Double { try server.metrics().sum(name) - before.sum(name) }
                try eventually("\(request.count) received and \(answer.bytes.count) sent bytes are counted") {
                    try rise("talon_http_received_bytes_total") == Double(request.utf8.count)
                        && rise("talon_http_sent_bytes_total") == Double(answer.bytes.count)
                }
                #expect(try rise("talon_connections_accepted_total") == 1)
            }
        }
    }

    @Test("tell how long requests waited for a thread")
    func queue() throws {
        try serve("probe:app", ["--threads", "2"]) { server throws in
            let connections = try (0..<4).map { _ in try server.client.connect() }
            for connection in connections { #expect(try connection.get("/").status == 200) }
            let before = try server.metrics()
            for connection in connections { try connection.sendHead("GET", "/hold?gate=go") }
            try eventually("two run, and two wait") {
                let page = try server.metrics()
                return page.sum("talon_http_requests_in_flight") == 4
                    && page.sum("talon_worker_threads", ["state": "busy"]) == 2
                    && page.sum("talon_http_oldest_request_seconds") > 0.3
            }
            try server.open(gate: "go")
            for connection in connections { #expect(try connection.receive(method: "GET").status == 200) }
            try eventually("all are counted") {
                let page = try server.metrics()
                let name = "talon_http_queue_seconds"
                return page.sum(name + "_count") == before.sum(name + "_count") + 4
                    && page.sum(name + "_sum") - before.sum(name + "_sum") > 0.6
            }
        }
    }
}

@Suite("What the workers do now", .serialized)
struct LiveThreadTests {
    @Test("is seen as it is: connections, requests and threads", arguments: [(1, []), (4, ["--threads", "4"])])
    func now(threads: Int, options: [String]) throws {
        try serve("probe:app", options, workers: 2) { server throws in
            try eventually("nothing runs") {
                let page = try server.metrics()
                return page.sum("talon_connections") == 0 && page.sum("talon_http_requests_in_flight") == 0
                    && page.sum("talon_worker_threads", ["state": "idle"]) == Double(2 * threads)
                    && page.all("talon_worker_threads").count == 4 && page.all("talon_connections").count == 2
                    && page.sum("talon_http_oldest_request_seconds") == 0
            }
            let idle = try server.client.connect()
            #expect(try idle.get("/").status == 200)
            let busy = try server.client.connect()
            try busy.sendHead("GET", "/hold?gate=go")
            try server.waitForEvent("entered")
            try eventually("one runs, and another connection is open") {
                let page = try server.metrics()
                return page.sum("talon_http_requests_in_flight") == 1
                    && page.sum("talon_worker_threads", ["state": "busy"]) == 1
                    && page.sum("talon_worker_threads", ["state": "idle"]) == Double(2 * threads - 1)
                    && page.sum("talon_connections") >= 1 && page.sum("talon_http_oldest_request_seconds") > 0
            }
            // A worker that is killed in the middle of a request leaves none running.
            let holder = try #require(server.events.last { $0.hasPrefix("held by ") }?.split(separator: " ").last)
            for worker in server.workers() where "\(worker.pid)" == holder { worker.signal(9) }
            try eventually("nothing runs in the worker that comes after it") {
                let page = try server.metrics()
                let info = page.all("talon_worker_info").compactMap { $0.labels["pid"] }
                return info.count == 2 && !info.contains(String(holder))
                    && page.all("talon_worker_threads").count == 4
                    && page.sum("talon_worker_threads", ["state": "busy"]) == 0
            }
        }
    }
}
