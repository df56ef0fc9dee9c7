import TalonTesting
import Testing

extension TalonServer {
    /// Waits until gunicorn_worker_requests_total has risen by exactly so much, and sees that it goes no further.
    fileprivate func expectRequests(_ count: Int, since before: MetricsPage) throws -> MetricsPage {
        let expected = before.sum("gunicorn_worker_requests_total") + Double(count)
        try eventually("\(count) requests are counted") {
            try metrics().sum("gunicorn_worker_requests_total") >= expected
        }
        #expect(try settledRequests() == expected)
        return try metrics()
    }

    fileprivate func settledPage() throws -> MetricsPage {
        _ = try settledRequests()
        return try metrics()
    }
}

@Suite("The counts of requests", .serialized)
struct CountTests {
    @Test("are exact over two workers, requests that raised included", arguments: [[], ["--threads", "4"]])
    func exact(options: [String]) throws {
        try serve("probe:app", options, workers: 2) { server throws in
            let before = try server.settledPage()
            let kept = try (0..<6).map { _ in try server.client.connect() }
            for _ in 0..<50 { for connection in kept { #expect(try connection.get("/").status == 200) } }
            for _ in 0..<10 { #expect(try server.client.get("/fail").status == 500) }
            for _ in 0..<10 { #expect(try server.client.get("/nowhere").status == 404) }
            for _ in 0..<5 { _ = try? server.client.get("/fail-midway") }
            _ = try server.client.request("HEAD", "/")
            let gone = try server.client.connect()
            try gone.sendHead("GET", "/endless")
            _ = try gone.receive(until: "xxxx")
            gone.close()
            try server.waitForEvent("closed endless")
            // What is refused before the application is no request of it.
            _ = try server.exchange("nonsense\r\n\r\n")

            let page = try server.expectRequests(300 + 10 + 10 + 5 + 1 + 1, since: before)
            for name in ["request_duration_seconds", "request_size_bytes", "response_size_bytes"] {
                for worker in FamilyTests.workerIds {
                    let count = page.value("gunicorn_worker_\(name)_count", ["worker_id": worker])
                    #expect(count == page.value("gunicorn_worker_requests_total", ["worker_id": worker]), "\(name)")
                }
            }
            #expect(page.sum("gunicorn_worker_error_handling_total", ["method": "UNKNOWN"]) == 1)
            #expect(page.sum("gunicorn_worker_failed_requests_total") == 15)
        }
    }

    @Test(
        "have sizes in their buckets",
        arguments: [
            (0, "1024"), (1024, "1024"), (1025, "4096"), (16_384, "16384"), (70_000, "262144"),
            (262_145, "1.048576e+06"),
            (5_000_000, "+Inf"),
        ])
    func sizes(size: Int, bucket: String) throws {
        try serve("probe:app") { server throws in
            let bound = Double(bucket) ?? .infinity
            for chunked in [false, true] {
                let before = try server.settledPage()
                let connection = try server.client.connect()
                if chunked {
                    let head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    let chunk =
                        size == 0 ? "" : "\(String(size, radix: 16))\r\n\(String(repeating: "s", count: size))\r\n"
                    try connection.send(head + chunk + "0\r\n\r\n")
                    #expect(try connection.receive(method: "POST").body.count == size)
                } else {
                    let body = [UInt8](repeating: 0x73, count: size)
                    #expect(try connection.request("POST", "/echo", body: body).body.count == size)
                }
                let after = try server.expectRequests(1, since: before)
                for family in ["gunicorn_worker_request_size_bytes", "gunicorn_worker_response_size_bytes"] {
                    #expect(after.sum(family + "_sum") - before.sum(family + "_sum") == Double(size), "\(family)")
                    for sample in after.all(family + "_bucket") {
                        let le = sample.labels["le"] ?? ""
                        let rise = sample.value - before.sum(family + "_bucket", ["le": le])
                        let limit = Double(le) ?? .infinity
                        #expect(rise == (limit >= bound ? 1 : 0), "\(family) le=\(le) chunked: \(chunked)")
                    }
                }
            }
        }
    }

    @Test("have the bytes of the body that were sent, not those that were made")
    func sentBytes() throws {
        try serve("probe:app") { server throws in
            for (method, target, sent) in [
                ("GET", "/length?says=5&sends=9", 5.0), ("HEAD", "/length?says=9&sends=9", 0),
                ("GET", "/status?line=204%20Nothing", 0), ("GET", "/generator?gate=more", 12),
            ] {
                try server.open(gate: "more")
                let before = try server.settledPage()
                _ = try server.client.request(method, target)
                let after = try server.expectRequests(1, since: before)
                let sum = "gunicorn_worker_response_size_bytes_sum"
                #expect(after.sum(sum) - before.sum(sum) == sent, "\(method) \(target)")
            }
        }
    }

    @Test("have the whole duration of a request, until its last byte")
    func duration() throws {
        try serve("probe:app") { server throws in
            let before = try server.settledPage()
            let connection = try server.client.connect()
            try connection.sendHead("GET", "/generator?gate=more", headers: [("Connection", "close")])
            _ = try connection.receive(until: "first ")
            pause(milliseconds: 600)
            try server.open(gate: "more")
            _ = connection.receiveToEnd()
            let after = try server.expectRequests(1, since: before)
            let family = "gunicorn_worker_request_duration_seconds"
            let rise = after.sum(family + "_sum") - before.sum(family + "_sum")
            #expect(rise >= 0.6)
            #expect(after.sum(family + "_bucket", ["le": "0.5"]) == before.sum(family + "_bucket", ["le": "0.5"]))
            #expect(after.sum(family + "_bucket", ["le": "+Inf"]) == before.sum(family + "_bucket", ["le": "+Inf"]) + 1)
        }
    }

    @Test("do not go back when a worker is killed and replaced")
    func killed() throws {
        try serve("probe:app", workers: 2) { server throws in
            let start = try server.settledPage()
            for _ in 0..<30 { _ = try server.client.get("/") }
            let before = try server.expectRequests(30, since: start)
            let victims = server.workerPids()
            for pid in victims {
                for worker in server.workers() where worker.pid == pid { worker.signal(9) }
                try eventually("another worker has taken its place") {
                    !server.workerPids().contains(pid) && server.workers().count == 2
                }
            }
            try eventually("the two new ones run") {
                let info = try server.metrics().all("talon_worker_info").compactMap { $0.labels["pid"] }
                return info.count == 2 && info.allSatisfy { pid in !victims.contains { "\($0)" == pid } }
            }
            try server.waitUntilReady(workers: 2)
            for worker in FamilyTests.workerIds {
                let name = "gunicorn_worker_requests_total"
                let now = try server.metrics().value(name, ["worker_id": worker])
                #expect(try #require(now) >= before.value(name, ["worker_id": worker]) ?? .infinity)
            }
            for _ in 0..<10 { _ = try server.client.get("/") }
            // The question of waitUntilReady is one request more.
            _ = try server.expectRequests(11, since: before)
        }
    }

    @Test("stay exact over reloads, and the number of worker_ids bounded")
    func reloaded() throws {
        try serve("probe:app", workers: 2) { server throws in
            let start = try server.settledPage()
            for round in 1...4 {
                let old = Set(server.workerPids())
                for _ in 0..<5 { _ = try server.client.get("/") }
                server.signal(1)
                try eventually("two new workers, and only they") {
                    let now = Set(server.workerPids())
                    return now.count == 2 && now.isDisjoint(with: old)
                }
                try eventually("the metrics show generation \(round + 1) alone") {
                    let info = try server.metrics().all("talon_worker_info")
                    return info.count == 2 && info.allSatisfy { $0.labels["generation"] == "\(round + 1)" }
                }
            }
            let page = try server.expectRequests(20, since: start)
            let all = Set(page.samples.compactMap { $0.labels["worker_id"] })
            #expect(all.count <= 4, "two slots and two for the time of a reload: \(all.sorted())")
            let live = Set(page.all("talon_worker_info").compactMap { $0.labels["worker_id"] })
            for name in ["memory_bytes", "cpu_percent", "uptime_seconds"] {
                let shown = page.all("gunicorn_worker_\(name)").compactMap { $0.labels["worker_id"] }
                #expect(Set(shown) == live, "\(name) of a worker that is gone")
                #expect(shown.count == 2)
            }
            #expect(page.sum("gunicorn_worker_state", ["state": "running"]) == 2)
            let files = Files.names(in: server.directory.file("metrics"))
            // Four a slot, and those of the master and the exporter.
            #expect(files.count <= 4 * 4 + 4, "\(files)")
        }
    }
}
