import TalonTesting
import Testing

extension TalonServer {
    fileprivate var scraper: HTTPClient { HTTPClient(.tcp("127.0.0.1", metricsPort)) }
}

@Suite("The metrics endpoint", .serialized)
struct EndpointTests {
    @Test("answers GET and HEAD of any path in text format 0.0.4, OPTIONS with what there is, other methods with 405")
    func answers() throws {
        try serve("probe:app") { server throws in
            let page = try server.scraper.get("/metrics")
            #expect(page.status == 200)
            #expect(page["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(page.text.hasSuffix("\n"))
            #expect(try server.scraper.get("/metrics?name[]=gunicorn_worker_state").status == 200)
            let head = try server.scraper.request("HEAD", "/metrics")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            for path in ["/", "/metric", "/metrics/x", "/metricsx", "/%6detrics/.."] {
                let other = try server.scraper.get(path)
                #expect(other.status == 200 && other.text.contains("talon_worker_info"), "\(path)")
            }
            let icon = try server.scraper.get("/favicon.ico")
            #expect(icon.status == 200 && icon.body.isEmpty)
            let options = try server.scraper.request("OPTIONS", "/metrics")
            #expect(options.status == 200 && options["allow"] == "OPTIONS, GET, HEAD" && options.body.isEmpty)
            for method in ["POST", "PUT", "DELETE", "BREW"] {
                let refused = try server.scraper.request(method, "/metrics", body: [])
                #expect(refused.status == 405 && refused["allow"] == "OPTIONS, GET, HEAD", "\(method)")
                #expect(
                    refused.text == "# HTTP 405 Method Not Allowed: \(method); use OPTIONS or GET\n", "\(method)")
            }
        }
    }

    @Test("survives nonsense, slow and absent scrapers")
    func robust() throws {
        try serve("probe:app") { server throws in
            let exporter = try server.exporter().pid
            let silent = try (0..<10).map { _ in try server.scraper.connect() }
            for text in ["nonsense\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "\0\0\0\0\r\n\r\n"]
            {
                #expect(try server.scraper.connect().exchange(text).status == 400)
            }
            for _ in 0..<10 {
                let connection = try server.scraper.connect()
                try connection.sendHead("GET", "/metrics")
                connection.reset()
            }
            #expect(try server.scraper.get("/metrics").status == 200)
            #expect(try server.exporter().pid == exporter)
            withExtendedLifetime(silent) {}
        }
    }

    @Test("has a page that promtool accepts with no error")
    func promtool() throws {
        try serve("probe:app", workers: 2) { server throws in
            for target in ["/", "/fail", "/nowhere"] { _ = try server.client.get(target) }
            _ = try server.exchange("GET /\"quoted\\ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            _ = try server.exchange("nonsense\r\n\r\n")
            for worker in server.workers().prefix(1) { worker.signal(9) }
            try eventually("a worker is replaced") { server.logCount("was sent SIGKILL") == 1 }
            try server.waitUntilReady(workers: 2)
            server.signal(1)
            try eventually("the second generation runs alone") {
                let info = try server.metrics().all("talon_worker_info")
                return info.count == 2 && info.allSatisfy { $0.labels["generation"] == "2" }
            }
            let page = try server.scraper.get("/metrics").body
            #expect(try Promtool.complaints(about: page) == "")

            // prometheus_client's own parser, which is stricter than promtool in other places.
            try server.directory.write(page, to: "page.txt")
            let script = """
                import sys
                from prometheus_client.parser import text_string_to_metric_families as parse
                names = [family.name for family in parse(open(sys.argv[1]).read())]
                assert len(names) == len(set(names)), names
                """
            let parsed = try run(TestEnvironment.python(), ["-c", script, server.directory.file("page.txt")])
            #expect(parsed.status == 0, "\(parsed.error)")
        }
    }
}
