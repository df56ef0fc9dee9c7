import Glibc
import TalonTesting
import Testing

@Suite("A server with h2 in http_protocols", .serialized, .timeLimit(.minutes(5)))
struct HTTP2Tests {
    @Test("chooses by ALPN what both sides have, in its own order, and h2 for no prohibited cipher (RFC 9113 §9.2.2)")
    func protocols() throws {
        try HTTP2Server.serving(.sync) { http2 throws in
            #expect(
                try http2.client("protocols") == [
                    "both h2", "http/1.1 http/1.1", "none None", "unknown refused",
                    "TLS 1.2 h2", "a cipher that is prohibited http/1.1",
                    "and h2 alone refused",
                ])
        }
        try HTTP2Server.serving(.sync, protocols: "h1,h2") { http2 throws in
            #expect(try http2.client("protocols").first == "both http/1.1")
        }
        try HTTP2Server.serving(.sync, protocols: "h1") { http2 throws in
            #expect(try http2.status("/") == "1.1 200")
            let worker = try #require(http2.server.workerPids().first)
            #expect(
                !(Files.text("/proc/\(worker)/maps") ?? "").contains("nghttp2"), "who does not want it has none of it")
        }
    }

    @Test("resets streams whose request is malformed, and goes on (RFC 9113 §8.1.1)")
    func malformed() throws {
        try HTTP2Server.serving(.gthread) { http2 throws in
            let lines = try http2.client("malformed")
            #expect(lines.suffix(2) == ["a good one: 200 2", "same host: 200 2"])
            #expect(lines.count > 30)
            for line in lines.dropLast(2) { #expect(line.hasSuffix(": reset 1")) }
        }
    }

    @Test(
        "ends a connection that costs more than it is worth (RFC 9113 §10.5)",
        arguments: [
            ("reset", "away 11"), ("provoked", "away 11"), ("ping", "away 11"), ("settings", "away 11"),
            ("empty", "away 11"), ("priority", "away 11"), ("silent", "away 11"), ("continuation", "away 1"),
            ("garbage", "away"),
        ])
    func floods(what: String, outcome: String) throws {
        try HTTP2Server.serving(.gthread) { http2 throws in
            let worker = http2.server.workerPids()
            #expect(try http2.client("flood", what).first?.hasPrefix(outcome) == true)
            if what == "empty" { try http2.server.open(gate: what) }
            #expect(try http2.status("/") == "2 200")
            #expect(http2.server.workerPids() == worker)
            guard what == "reset" else { return }
            #expect(
                try http2.server.metrics().sum("gunicorn_worker_error_handling_total", ["error_type": "StreamFlood"])
                    == 1)
        }
    }

    @Test(
        "answers 431 to heads beyond http2_max_header_list_size, however small they are on the wire (RFC 9113 §10.5.1)")
    func large() throws {
        try HTTP2Server.serving(.sync) { http2 throws in
            #expect(try http2.client("large") == ["431 0", "431 0", "200 2"])
        }
    }

    @Test("tells clients its limits, and holds them (RFC 9113 §5.1.2, §6.5.2)")
    func limits() throws {
        let limits = [
            "--http2-max-concurrent-streams", "5", "--http2-initial-window-size", "100000", "--http2-max-frame-size",
            "20000", "--http2-max-header-list-size", "30000",
        ]
        try HTTP2Server.serving(.gthread, limits) { http2 throws in
            let lines = try http2.client("streams")
            #expect(lines.first == "settings 5 100000 20000 30000")
            #expect(lines.last == "away 1" || lines.last == "reset 7", "\(lines)")
            try http2.server.open(gate: "streams")
        }
    }

    @Test("passes on interim responses, trailers and early answers, and shows what breaks off (RFC 9113 §8.1)")
    func answers() throws {
        try HTTP2Server.serving(.gthread) { http2 throws in
            #expect(
                try http2.client("answers") == [
                    "interim 100", "after it 200 7", "trailers 200 7", "before the body 200 2", "its end 200 0 reset 0",
                    "HEAD 200 0", "no authority but Host 200 2", "CONNECT 501 0", "midway 200 4 reset 2",
                ])
        }
    }

    @Test("does not let one slow stream hold up the others, nor fill the memory (RFC 9113 §5.2)")
    func windows() throws {
        try HTTP2Server.serving(.gthread) { http2 throws in
            #expect(try http2.client("slow") == ["another 204 0", "the slow one 200 3000000"])
            #expect(try http2.client("stalled") == ["bounded True", "another 200 2"])
            try http2.server.open(gate: "stalled")
        }
    }

    @Test("tells an application that its client has reset the stream", arguments: [Kind.gthread, .gevent, .asyncio])
    func cancel(kind: Kind) throws {
        try HTTP2Server.serving(kind) { http2 throws in
            #expect(try http2.client("cancel") == ["another 200 2"])
            try http2.server.waitForEvent("endless closed")
        }
    }

    @Test("ends connections that are idle, and those whose first request does not come (RFC 9113 §9.1)")
    func idle() throws {
        try HTTP2Server.serving(.sync, ["--keep-alive", "1"]) { http2 throws in
            #expect(try http2.client("idle") == ["200 2", "away 0 None"])
        }
    }

    @Test("knows the client that a proxy tells, for all streams of its connection (haproxy's proxy-protocol.txt)")
    func proxied() throws {
        let directory = try TemporaryDirectory()
        let arguments = ["--proxy-protocol", "--access-logfile", directory.file("access.log")]
        try HTTP2Server.serving(.sync, arguments) { http2 throws in
            #expect(try http2.client("proxied") == ["200 2", "200 2"])
            try eventually("both are in the access log") {
                directory.lines("access.log").filter { $0.hasPrefix("192.0.2.7 ") && $0.contains(" HTTP/2.0") }.count
                    == 2
            }
        }
    }

    @Test("serves a native application, too", arguments: [[], ["--threads", "4"]])
    func native(options: [String]) throws {
        let object = try Compiler.sharedObject(file: NativeApplicationTests.source, flags: ["-std=c99"])
        try HTTP2Server.serving(object, that: "Hello, world!", options) { http2 throws in
            let before = try http2.server.settledRequests()
            #expect(try http2.status("/nowhere") == "2 404")
            let body = try http2.server.directory.write(Pattern.body(300_001), to: "up")
            let path = http2.server.directory.file("down")
            _ = try http2.curl("/echo", "--data-binary", "@\(body)", "-o", path)
            #expect((try? Files.bytes(path)) == Pattern.body(300_001))
            let result = try http2.load(300)
            #expect(result.started == 300 && result.succeeded == 300)
            #expect(try http2.server.settledRequests() - before == 302)
        }
    }

    @Test("ends a connection that leaves a head half sent, in the time of a head (RFC 9113 §6.10)")
    func halfSent() throws {
        try HTTP2Server.serving(.sync) { http2 throws in
            #expect(try http2.client("half", "silent") == ["away 11 None"])
            #expect(try http2.status("/") == "2 200")
        }
    }

    @Test("stops by GOAWAY, and finishes what runs (RFC 9113 §6.8)", arguments: [Kind.sync, .gthread, .asyncio])
    func drain(kind: Kind) throws {
        try HTTP2Server.serving(kind) { http2 throws in
            let server = http2.server
            let words = try http2.clientWords("drain")
            var launch = Launch(words[0], Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"])
            launch.output = server.directory.file("drain.out")
            let client = try SpawnedProcess(launch)
            try server.waitForEvent("held drain")
            server.signal(SIGTERM)
            // One thread has its application to wait for, before it hears of the stop.
            if kind.name == "sync" {
                try server.waitForLog("Handling signal: term")
            } else {
                try eventually("the client is told") {
                    server.directory.lines("drain.out") == ["away 0 2147483647", "away 0 1"]
                }
            }
            try server.open(gate: "drain")
            #expect(try client.wait(within: .seconds(30)) == .exited(0))
            let told = server.directory.lines("drain.out")
            #expect(told.contains("away 0 1") && told.contains("complete") && told.last == "closed", "\(told)")
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test("says so if HTTP/2 can never be spoken, and what it does not know it refuses")
    func settings() throws {
        try serve("kinds_wsgi:app", ["--http-protocols", "h2,h1"]) { server in
            try server.waitForLog("http_protocols has h2, which is spoken by TLS only")
            #expect(try server.client.get("/").text == "ok")
        }
        for (value, text) in [("h2,h3", "'h3' is not known"), ("h2,h2", "'h2' is there twice")] {
            let refused = try run(
                TestEnvironment.binary(), ["kinds_wsgi:app", "--check-config", "--http-protocols", value])
            #expect(refused.status != 0 && refused.error.contains("http_protocols: \(text)"), "\(refused.error)")
        }
    }
}
