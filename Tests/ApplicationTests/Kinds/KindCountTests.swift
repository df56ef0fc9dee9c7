import TalonTesting
import Testing

@Suite("In every kind of worker", .serialized)
struct KindCountTests {
    /// What differs between two pages, by status.
    private func rise(_ status: String, _ before: MetricsPage, _ after: MetricsPage) -> Double {
        let name = "talon_http_requests_total"
        return after.sum(name, ["status": status]) - before.sum(name, ["status": status])
    }

    private func settled(_ server: TalonServer) throws -> MetricsPage {
        _ = try server.settledRequests()
        return try server.metrics()
    }

    @Test("each request is counted once, HTTP/1.0 and Connection: close like the others", arguments: Kind.all)
    func exact(kind: Kind) throws {
        try kind.serve(workers: 2) { server in
            let before = try settled(server)
            let kept = try server.client.connect()
            for _ in 0..<10 { #expect(try kept.get("/").status == 200) }
            for _ in 0..<10 { #expect(try server.client.get("/").status == 200) }
            for _ in 0..<10 { #expect(try server.exchange("GET / HTTP/1.0\r\n\r\n").status == 200) }
            let old = try server.client.connect()
            for _ in 0..<5 {
                try old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try old.receive().status == 200)
            }
            let pipelined = try server.client.connect()
            try pipelined.send(String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 5))
            for _ in 0..<5 { #expect(try pipelined.receive().status == 200) }
            for _ in 0..<3 { #expect(try server.client.get("/fail").status == 500) }
            for _ in 0..<2 { #expect(try server.client.get("/status?line=404%20Not%20Found").status == 404) }
            #expect(try server.client.get("/status?line=204%20No%20Content").status == 204)
            #expect(try server.client.request("POST", "/echo", body: [1]).status == 200)
            let page = try settled(server)
            for (status, times) in [("200", 41.0), ("500", 3), ("404", 2), ("204", 1)] {
                #expect(rise(status, before, page) == times, "\(status)")
            }
            let name = "gunicorn_worker_requests_total"
            #expect(page.sum(name) - before.sum(name) == 47)
            let durations = "gunicorn_worker_request_duration_seconds_count"
            #expect(page.sum(durations) - before.sum(durations) == 47)

            // Over a reload, too.
            let old2 = Set(server.workerPids())
            server.signal(1)
            try eventually("two new workers, and only they") {
                let now = Set(server.workerPids())
                return now.count == 2 && now.isDisjoint(with: old2)
            }
            for _ in 0..<5 { #expect(try server.client.get("/").status == 200) }
            let last = try settled(server)
            #expect(last.sum(name) - page.sum(name) == 5)
            #expect(rise("200", page, last) == 5)
        }
    }

    @Test("each request is counted once while workers are recycled by max_requests", arguments: Kind.all)
    func recycled(kind: Kind) throws {
        try kind.serve(["--max-requests", "40", "--max-requests-jitter", "20"], workers: 2) { server in
            let before = try settled(server)
            let load = try Load(server.endpoint, clients: 3)
            try eventually("some recyclings", within: .seconds(60)) {
                server.logCount("Autorestarting worker after current request.") >= 3
            }
            #expect(try load.stop() == [])
            let page = try settled(server)
            let name = "gunicorn_worker_requests_total"
            #expect(page.sum(name) - before.sum(name) == Double(load.answers))
            #expect(rise("200", before, page) == Double(load.answers))
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("hooks of requests, access lines and preloading work", arguments: Kind.all)
    func hooks(kind: Kind) throws {
        let directory = try TemporaryDirectory()
        let access = directory.file("access.log")
        let configuration = try directory.write(
            """
            import os
            preload_app = True
            accesslog = \(access.debugDescription)

            def tell(line):
                fd = os.open(\(directory.file("hooks").debugDescription), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.write(fd, line.encode() + b"\\n")
                os.close(fd)

            def pre_request(worker, req):
                tell("pre %s %s" % (req.method, req.path))

            def post_request(worker, req, environ, resp):
                tell("post %s %s %s" % (req.method, req.path, resp.status_code))

            """, to: "kinds.conf.py")
        try kind.serve(["-c", configuration], workers: 2, directory: directory) { server in
            #expect(server.workerPids().contains(try server.answeringPid()))
            for _ in 0..<4 { #expect(try server.client.get("/bytes?size=7").status == 200) }
            #expect(try server.client.get("/fail").status == 500)
            let connection = try server.client.connect()
            for _ in 0..<2 { #expect(try connection.request("POST", "/echo", body: [65, 66]).status == 200) }
            try eventually("all post_request hooks have run; so far \(directory.lines("hooks"))") {
                directory.lines("hooks").count { $0.hasPrefix("post POST /echo") } == 2
                    && directory.lines("hooks").contains("post GET /fail 500")
            }
            let told = directory.lines("hooks")
            for (line, times) in [
                ("pre GET /bytes", 4), ("post GET /bytes 200", 4), ("pre GET /fail", 1), ("post GET /fail 500", 1),
                ("pre POST /echo", 2), ("post POST /echo 200", 2),
            ] {
                #expect(told.count { $0 == line } == times, "\(line) in \(told)")
            }
            try eventually("the access lines are there; so far \(directory.lines("access.log"))") {
                let lines = directory.lines("access.log")
                func count(_ text: String) -> Int { lines.count { $0.contains(text) } }
                return count("\"GET /bytes?size=7 HTTP/1.1\" 200 7 ") == 4 && count("\"GET /fail HTTP/1.1\" 500 ") == 1
                    && count("\"POST /echo HTTP/1.1\" 200 2 ") == 2
            }
        }
    }
}
