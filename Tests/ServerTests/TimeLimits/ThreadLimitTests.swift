import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `A request that is stuck in one of several threads` {
    private func stuck(_ arguments: String..., body: (TalonServer) throws -> Void) throws {
        let directory = try stuckDirectory()
        let server = try TalonServer(
            ["app:app", "--threads", "4", "--access-logfile", directory.file("access")] + arguments, in: directory)
        do {
            try server.waitUntilReady()
            try body(server)
            try server.stop()
        } catch {
            throw TestFailure("\(error)\n\(server.log)")
        }
    }

    /// Lines of the access log about a path.
    private func access(_ server: TalonServer, _ path: String) -> [String] {
        server.directory.lines("access").filter { $0.contains("\"GET \(path)") }
    }

    @Test(arguments: [("/sleep", "stuck_in_sleep"), ("/loop", "stuck_in_loop")])
    func `is answered with 504, shown in the log, and leaves the others of its worker unharmed`(
        path: String, function: String
    ) throws {
        try stuck("-t", "20", "--graceful-timeout", "60") { server in
            let (connection, worker) = try server.begin(path, "stuck")
            try eventually("it is half over its time", within: .seconds(60)) {
                let workers = try server.ctlJSON("workers")["workers"]?.elements
                let running = workers?.first?["running"]?.elements?.first
                return (running?["seconds"]?.double ?? 0) > 10
            }
            let held = try server.begin("/hold", "held")
            #expect(held.worker == worker)
            let answer = try connection.receive()
            #expect(answer.status == 504)
            #expect(connection.isClosedByServer())
            try server.waitForLog("[CRITICAL] WORKER TIMEOUT (pid:\(worker))")
            try server.waitForLog("[WARNING] Worker (pid:\(worker)) GET \(path) is over its time limit: ")
            try server.waitForLog("Worker (pid:\(worker)) thread \(worker) (")
            try server.waitForLog("in \(function)")
            // Another serves already, while the first one finishes.
            try eventually("another worker answers", within: .seconds(60)) {
                try server.client.get("/").text != "\(worker)"
            }
            try server.directory.write("", to: "held.go")
            #expect(try held.connection.receive().text == "held")
            try eventually("the worker is gone") { !server.workerPids().contains(worker) }
            let lines = access(server, path)  // the worker is gone: they are all there
            #expect(lines.count == 1 && lines.first?.contains("\" 504 ") == true, "\(lines)")
            #expect(access(server, "/hold").first?.contains("\" 200 4 ") == true)
            try server.waitForLog("Worker exit: pid=\(worker) ")
            #expect(try server.metrics().value("talon_worker_exits_total", ["reason": "timeout"]) == 1)
        }
    }

    @Test func `as another one did a while before is answered with 504 as that one is`() throws {
        try stuck("-t", "20", "--graceful-timeout", "60") { server in
            let first = try server.begin("/sleep", "first")
            try eventually("it has run for five seconds", within: .seconds(60)) {
                let workers = try server.ctlJSON("workers")["workers"]?.elements
                let running = workers?.first?["running"]?.elements?.first
                return (running?["seconds"]?.double ?? 0) > 5
            }
            let second = try server.begin("/sleep", "second")
            #expect(second.worker == first.worker)
            #expect(try first.connection.receive().status == 504)
            #expect(try second.connection.receive().status == 504)
            try eventually("the worker is gone", within: .seconds(60)) {
                !server.workerPids().contains(first.worker)
            }
            #expect(access(server, "/sleep").count == 2)
        }
    }

    @Test func `and holds the interpreter is answered all the same, and its process killed`() throws {
        try stuck("-t", "2", "--graceful-timeout", "5") { server in
            let (connection, worker) = try server.begin("/c", "stuck")
            #expect(try connection.receive().status == 504)
            try server.waitForLog("in stuck_in_c")
            try eventually("the worker is gone", within: .seconds(60)) { !server.workerPids().contains(worker) }
            #expect(access(server, "/c").count == 1)
            let record = try server.waitForLog("Worker exit: pid=\(worker) ")
            #expect(record.contains("reason=timeout signal=SIGKILL"))
            #expect(record.contains("request=\"GET /c broken off "))
        }
    }

    @Test func `in the middle of its response is cut, and no second answer is mixed into it`() throws {
        try stuck("-t", "2", "--graceful-timeout", "5") { server in
            let (connection, worker) = try server.begin("/stream", "stuck")
            var raw: [UInt8] = []
            // The reset at the end is thrown.
            while let bytes = try? connection.receiveBytes(), !bytes.isEmpty { raw += bytes }
            let text = String(decoding: raw, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("part") && text.contains("s of it"))
            #expect(!text.hasSuffix("0\r\n\r\n") && !text.contains("504"))
            try eventually("the worker is gone", within: .seconds(60)) { !server.workerPids().contains(worker) }
            // Nobody has written it when the process went: the master does.
            try eventually("an access line") { access(server, "/stream").count == 1 }
        }
    }

    @Test func `is another thing than one that sends a little from time to time`() throws {
        try stuck("-t", "2") { server in
            let connection = try HTTPConnection(server.endpoint, within: .seconds(60))
            let answer = try connection.get("/ticks")
            #expect(answer.text == String(repeating: "tick", count: 12))
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
    }

    @Test func `may be so for ever with request_timeout 0, and has a limit of its own with another value`() throws {
        try stuck("-t", "3", "--request-timeout", "0") { server in
            let held = try server.begin("/hold", "held")
            try eventually("the worker is old", within: .seconds(60)) {
                let ages = try server.metrics().all("gunicorn_worker_uptime_seconds").map(\.value)
                return ages.contains { $0 > 12 }
            }
            try server.directory.write("", to: "held.go")
            #expect(try held.connection.receive().text == "held")
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
        try stuck("-t", "0", "--request-timeout", "1") { server in
            let (connection, _) = try server.begin("/sleep", "stuck")
            #expect(try connection.receive().status == 504)
        }
    }
}
