import Glibc
import TalonTesting
import Testing

@Suite("By HTTP/2 in every kind of worker", .serialized, .timeLimit(.minutes(5)))
struct HTTP2KindTests {
    @Test("requests are answered whole, with bodies both ways (RFC 9113 §8)", arguments: Kind.all)
    func answers(kind: Kind) throws {
        try HTTP2Server.serving(kind) { http2 throws in
            let server = http2.server
            #expect(try http2.status("/") == "2 200")
            #expect(try http2.status("/", "--http1.1") == "1.1 200", "by the same port")
            #expect(try http2.curl("/echo", "-d", "body").output == "body")
            #expect(try http2.curl("/bytes?size=0").output.isEmpty)
            for query in ["", "&unknown=1"] {
                let path = server.directory.file("down")
                _ = try http2.curl("/bytes?size=3000001\(query)", "-o", path)
                #expect((try? Files.bytes(path)) == Pattern.body(3_000_001), "\(query)")
            }
            let body = try server.directory.write(Pattern.body(5_000_001), to: "up")
            #expect(try http2.curl("/digest", "--data-binary", "@\(body)").output == "5000001 right")
            let unsized = try http2.curl("/digest", "-T", body, "-X", "POST", "-H", "Content-Length:")
            #expect(unsized.output == "5000001 right", "of no length")
            let head = try http2.curl("/bytes?size=5000", "--head").output
            #expect(head.hasPrefix("HTTP/2 200") && head.contains("\r\ncontent-length: 5000\r\n"), "\(head)")
            #expect(!head.lowercased().contains("connection:"))
            #expect(try http2.status("/status?line=204%20No%20Content") == "2 204")
            #expect(try http2.status("/status?line=304%20Not%20Modified") == "2 304")
            #expect(try http2.status("/fail") == "2 500")
            // Tornado ends a response in good order that its handler has left in the middle.
            let isTold = kind.application != Kind.tornado.application
            #expect(try http2.curl("/fail-midway").status == (isTold ? 92 : 0))
            #expect(try http2.status("/") == "2 200")
        }
    }

    @Test("many requests of a connection are each counted once, and told by their protocol", arguments: Kind.all)
    func counts(kind: Kind) throws {
        let directory = try TemporaryDirectory()
        let access = directory.file("access.log")
        try HTTP2Server.serving(kind, ["--access-logfile", access]) { http2 throws in
            let before = try http2.server.settledRequests()
            let result = try http2.load(300)
            #expect(result.started == 300 && result.succeeded == 300)
            #expect(try http2.server.settledRequests() - before == 300)
            let lines = directory.lines("access.log").filter { $0.contains("h2load") }
            #expect(lines.count == 300)
            #expect(lines.allSatisfy { $0.hasPrefix("127.0.0.1 ") && $0.contains(#""GET / HTTP/2.0" 200 2 "#) })
        }
    }

    @Test("no request that was taken is lost while workers are replaced", arguments: Kind.all)
    func reload(kind: Kind) throws {
        try HTTP2Server.serving(kind, workers: 2) { http2 throws in
            let server = http2.server
            let before = try server.settledRequests()
            var launch = Launch("/usr/bin/h2load", http2.loadWords(1_000_000), environment: ["PATH": "/usr/bin:/bin"])
            launch.output = server.directory.file("load")
            let load = try SpawnedProcess(launch)
            try eventually("requests are under way") { try server.metrics().sum("gunicorn_worker_requests_total") > 50 }
            let old = Set(server.workerPids())
            server.signal(SIGHUP)
            // It does not come again after GOAWAY; what it has not begun it counts as failed, and what it was about to
            // send when it got that, as begun.
            _ = try load.wait(within: .seconds(30))
            let result = try #require(HTTP2Server.LoadResult(server.directory.text("load") ?? ""))
            #expect(result.succeeded > 50 && result.started - result.succeeded < 60, "\(result)")
            try eventually("the old workers are gone") { old.isDisjoint(with: server.workerPids()) }
            #expect(try server.settledRequests() - before == Double(result.succeeded), "what was taken was answered")
            #expect(!server.log.contains("Traceback"))
        }
    }
}
