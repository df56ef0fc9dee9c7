import Glibc
import TalonTesting
import Testing

extension TalonServer {
    fileprivate var metricsEndpoint: Endpoint { .tcp("127.0.0.1", metricsPort) }
    fileprivate var scraper: HTTPClient { HTTPClient(metricsEndpoint) }
}

@Suite(.serialized) struct `Scrapers` {
    @Test func `that are stuck keep neither a good one from its page nor a request from its answer`() throws {
        let directory = try applicationDirectory()
        // A page that is larger than what two sockets buffer.
        let script = """
            import os, sys
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
            from prometheus_client import Counter
            counter = Counter("stuffing", "x" * 100, ["number"])
            for number in range(3000):
                counter.labels("n" * 3000 + str(number)).inc()
            """
        let metrics = try directory.makeDirectory("metrics")
        let filled = try run(TestEnvironment.python(), ["-c", script, metrics], within: .seconds(120))
        #expect(filled.status == 0, "\(filled.error)")
        try serving("app:app", in: directory) { server throws in
            let whole = try server.scraper.get("/metrics").body.count
            #expect(whole > 8 << 20)
            let stuck = try (0..<50).map { number in
                let connection = try HTTPConnection(server.metricsEndpoint)
                switch number % 5 {
                case 0: break  // says nothing
                case 1: try connection.send("GET /metr")
                case 2: try connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n")
                default: try connection.sendHead("GET", "/metrics")  // and reads nothing
                }
                return connection
            }
            let page = try HTTPClient(server.metricsEndpoint, within: .seconds(60)).get("/metrics")
            #expect(page.status == 200 && page.text.contains("talon_worker_info"))
            #expect(try server.scraper.get("/healthz").text == "ok\n")
            #expect(try server.client.get("/").text == "ok")
            // Those who began nothing, or nothing whole, are ended when their time is over.
            for (number, connection) in stuck.enumerated() where number % 5 == 0 {
                #expect(connection.isClosedByServer(within: .seconds(40)), "\(number)")
            }
            withExtendedLifetime(stuck) {}
        }
    }

    @Test func `in a crowd leave room for one more`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            let crowd = try (0..<400).map { _ in try HTTPConnection(server.metricsEndpoint) }
            #expect(try server.scraper.get("/metrics").status == 200)
            #expect(crowd[0].isClosedByServer(within: .seconds(20)))
            #expect(try server.exporter().commandLine.hasPrefix("talon: exporter"))
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func `that understand compression get the same page, smaller`(coding: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            for target in ["/metrics", "/metrics?name[]=talon_worker_info&name[]=gunicorn_worker_uptime_seconds"] {
                let plain = try server.scraper.get(target)
                #expect(plain["content-encoding"] == nil)
                #expect(plain["vary"] == "Accept, Accept-Encoding")
                let made = try server.scraper.get(target, headers: [("Accept-Encoding", "br, \(coding)")])
                #expect(made["content-encoding"] == coding)
                #expect(made["content-length"] == "\(made.body.count)")
                #expect(made["vary"] == "Accept, Accept-Encoding")
                #expect(made.body.count < plain.body.count)
                let unpacked = try run("/usr/bin/env", [coding, "-dc"], input: made.body)
                #expect(unpacked.status == 0, "\(unpacked.error)")
                let names = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") } }
                #expect(!names(plain.text).isEmpty && names(unpacked.output) == names(plain.text))
                let head = try server.scraper.request("HEAD", target, headers: [("Accept-Encoding", coding)])
                #expect(head["content-encoding"] == coding && head.body.isEmpty)
            }
        }
    }

    @Test func `that name what they want get nothing else`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            let page = try server.scraper.get("/?name%5B%5D=talon_worker_info&name[]=gunicorn_worker_uptime_seconds")
            let lines = page.text.split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("# TYPE") } == 2, "\(page.text)")
            #expect(
                lines.allSatisfy { $0.contains("talon_worker_info") || $0.contains("gunicorn_worker_uptime_seconds") })
            #expect(try server.scraper.get("/metrics?name[]=nothing").body.isEmpty)
        }
    }

    @Test func `that are people get a page with links`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            let browser = [("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
            let page = try server.scraper.get("/", headers: browser)
            #expect(page.status == 200 && page["content-type"] == "text/html; charset=utf-8")
            #expect(page["vary"] == "Accept")
            for link in ["/metrics", "/healthz", "/readyz"] { #expect(page.text.contains("href=\"\(link)\"")) }
            #expect(
                try server.scraper.get("/metrics", headers: browser)["content-type"]?.hasPrefix("text/plain") == true)
        }
    }

    @Test func `that ask whether workers accept are told, and why not`() throws {
        let directory = try TemporaryDirectory()
        // Its import waits for a file.
        try directory.write(
            """
            import os, time
            while not os.path.exists("go"):
                time.sleep(0.01)
            def app(environ, start_response):
                start_response("200 OK", [("Content-Length", "2")])
                return [b"ok"]

            """, to: "app.py")
        try starting("app:app", "-w", "2", in: directory) { server throws in
            try server.waitForLog("Metrics server started successfully")
            let unready = try eventually("both workers boot") {
                let response = try server.scraper.get("/readyz")
                return response.text.contains("2 booting") ? response : nil
            }
            #expect(unready.status == 503)
            #expect(unready.text == "no worker accepts requests: 2 booting\n")
            #expect(try server.scraper.get("/healthz").status == 200)
            try directory.write("", to: "go")
            try eventually("the workers are ready") { try server.scraper.get("/readyz").status == 200 }
            #expect(try server.scraper.request("HEAD", "/readyz").status == 200)
        }
    }

    @Test func `come to a program of its own, and neither the master nor a worker has its libraries`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server throws in
            let libraries = ["libssl", "libcrypto", "libzstd", "libcrypt.", "libFoundation"]
            let exporter = try server.exporter()
            let program = Files.link("/proc/\(exporter.pid)/exe")
            #expect(program?.hasSuffix("/lib/talon/bin/talon-exporter") == true)
            let own = Files.text("/proc/\(exporter.pid)/maps") ?? ""
            #expect(own.contains("libssl") && own.contains("libzstd"))
            let master = Files.text("/proc/\(server.pid)/maps") ?? ""
            #expect(master.contains("/talon"))
            for library in libraries { #expect(!master.contains(library), "\(library)") }
            // A python3 may have brought libraries of its own; ours asks for none of them.
            let library = try TestEnvironment.binary().replacing("/bin/talon", with: "/lib/talon/libTalonWorker.so")
            let needed = try run("/usr/bin/readelf", ["-d", library])
            #expect(needed.status == 0 && needed.output.contains("NEEDED"))
            for library in libraries { #expect(!needed.output.contains(library), "\(library)") }
        }
    }
}
