import TalonTesting
import Testing

@Suite("The time limits of every kind of worker", .serialized)
struct KindTimeLimitTests {
    @Test(
        "request_timeout answers 504 for one request of many, and the worker and its others go on",
        arguments: Kind.concurrent)
    func oneOfMany(kind: Kind) throws {
        let directory = try TemporaryDirectory()
        let options = ["--request-timeout", "1", "--access-logfile", directory.file("access")]
        try kind.serve(options, directory: directory) { server in
            let pid = try server.answeringPid()
            _ = try server.settledRequests()
            let before = try server.metrics()
            let hanging = try server.client.connect()
            try hanging.sendHead("GET", "/hang")
            try server.waitForEvent("hanging")
            let beside = try server.client.connect()
            var answers = 0
            var answer: [UInt8]?
            while answer == nil, answers < 10_000 {
                #expect(try beside.get("/wait?seconds=0.02").text == "ok")
                answers += 1
                answer = try hanging.receiveBytes(within: .milliseconds(1))
            }
            #expect(String(decoding: answer ?? [], as: UTF8.self).hasPrefix("HTTP/1.1 504 "))
            #expect(hanging.isClosedByServer())
            try server.waitForLog("Request timeout: GET /hang is over its time limit: ")
            #expect(try server.answeringPid() == pid)
            #expect(!server.log.contains("WORKER TIMEOUT"))
            _ = try server.settledRequests()
            let name = "talon_http_requests_total"
            let after = try server.metrics()
            #expect(after.sum(name, ["status": "504"]) - before.sum(name, ["status": "504"]) == 1)
            #expect(after.sum(name) - before.sum(name) == Double(answers + 2))
            try eventually("an access line") {
                directory.lines("access").count { $0.contains("\"GET /hang HTTP/1.1\" 504 ") } == 1
            }
        }
    }

    @Test("request_timeout answers 504 for one of several threads, whose worker is replaced", arguments: [Kind.gthread])
    func answer(kind: Kind) throws {
        try kind.serve(["--request-timeout", "1"]) { server in
            let hanging = try server.client.connect()
            try hanging.sendHead("GET", "/hang")
            #expect(try hanging.receive().status == 504)
            #expect(hanging.isClosedByServer())
            try server.waitUntilAnswers()
        }
    }

    @Test("timeout ends a request of a worker that runs one at a time", arguments: [Kind.sync, Kind.tornadoWSGI])
    func oneAtATime(kind: Kind) throws {
        try kind.serve(["-t", "1"]) { server in
            let pid = try server.answeringPid()
            let answer = try server.exchange("GET /hang HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(answer.status == 500, "\(answer.text)")
            try server.waitForLog("WORKER TIMEOUT (pid:\(pid))")
            try eventually("another worker answers") { try server.answeringPid() != pid }
        }
    }

    @Test(
        "timeout replaces a worker whose loop is stuck, and the metrics answer meanwhile", arguments: Kind.all,
        ["/loop", "/c"])
    func stuckLoop(kind: Kind, path: String) throws {
        // What a call into C does to the loop is the same in all of them.
        guard path == "/loop" || ["gevent", "asgi on asyncio"].contains(kind.testDescription) else { return }
        try kind.serve(["-t", "2"]) { server in
            let pid = try server.answeringPid()
            let stuck = try HTTPConnection(server.endpoint, within: .seconds(30))
            try stuck.sendHead("GET", path)
            try server.waitForEvent(path == "/loop" ? "looping" : "in C")
            for _ in 0..<3 { #expect(try server.metrics().types["gunicorn_worker_requests_total"] == "counter") }
            let answer = stuck.receiveToEnd()
            #expect(answer.status == nil || answer.status == 500 || answer.status == 504)
            try server.waitForLog("WORKER TIMEOUT (pid:\(pid))")
            try eventually("another worker answers") { (try? server.answeringPid()).map { $0 != pid } ?? false }
        }
    }
}
