import Glibc
import TalonTesting
import Testing

/// What each scenario of the guide is for, beside what all have in common.
@Suite(.serialized) struct `The guide's setup` {
    @Test func `for high performance loads the application once, keeps connections, and recycles workers`() throws {
        let guide = try GuideServer("high_performance")
        try guide.whenReady(workers: 8) { server in
            #expect(server.directory.lines("imports").count == 1)
            let before = server.workerPids()
            var sent = 1
            let connection = try server.client.connect()
            for _ in 0..<5 { #expect(try connection.get("/").text == "hello") }
            sent += 5
            // Eight workers that take 1050 requests each at most.
            while !server.log.contains("Autorestarting worker after current request.") {
                guard sent < 8 * 1050 + 8 else { throw TestFailure("no worker was recycled in \(sent) requests") }
                let kept = try server.client.connect()
                for _ in 0..<100 {
                    let answer = try kept.get("/")
                    sent += 1
                    guard answer.status == 200 else { throw TestFailure("request \(sent) got \(answer.status)") }
                    if answer["connection"] == "close" { break }
                }
                kept.close()
            }
            try eventually("another worker in its place") { Set(server.workerPids()) != Set(before) }
            try server.waitForWorkers(8)
            try server.waitForRequests(sent)
            try eventually("the files of the one that ended are gone") {
                try server.metrics().all("gunicorn_worker_memory_bytes").count == 8
            }
            #expect(server.directory.lines("imports").count == 1)
        }
    }

    // Under Tornado a WSGI application runs one request at a time in each worker.
    @Test(arguments: [("async", 16), ("eventlet", 16), ("gevent", 16), ("tornado", 4)])
    func `for slow requests serves as many of them at a time as its kind does`(name: String, count: Int) throws {
        let guide = try GuideServer(name)
        try guide.whenReady(workers: 4) { server in
            let connections = try server.hold(count)
            // The guide warns that the endpoint may hang with tornado.
            #expect(try server.metrics().all("gunicorn_worker_memory_bytes").count == 4)
            try server.letGo(connections)
            for _ in 0..<10 { _ = try server.client.get("/") }  // with Connection: close
            try server.waitForRequests(count + 11)
            let metrics = try server.metrics()
            #expect(metrics.sum("gunicorn_worker_failed_requests_total") == 0)
            #expect(metrics.sum("gunicorn_worker_request_duration_seconds_count") == Double(count + 11))
        }
    }

    @Test func `for production writes a line for each request, and reopens its files`() throws {
        let directory = try TemporaryDirectory()
        let moved = ["--access-logfile=access.log", "--error-logfile=error.log"]
        let guide = try GuideServer("production", moved: moved, in: directory)
        try guide.whenReady(workers: 4) { server in
            for _ in 0..<5 { _ = try server.client.get("/") }
            try eventually("a line for each request") { directory.lines("access.log").count == 6 }
            #expect(directory.text("error.log")?.contains("Listening at: http://0.0.0.0:\(server.port)") == true)
            for file in ["access.log", "error.log"] { rename(directory.file(file), directory.file("old.\(file)")) }
            server.signal(SIGUSR1)
            try eventually("both files are there again") {
                _ = try server.client.get("/")
                return !directory.lines("access.log").isEmpty && Files.exists(directory.file("error.log"))
            }
        }
    }

    @Test func `for production ends a worker that is stuck, and counts it`() throws {
        let moved = ["--access-logfile=access.log", "--error-logfile=error.log", "--timeout=2"]
        let guide = try GuideServer("production", moved: moved)
        try guide.whenReady(workers: 4) { server in
            let stuck = try server.hold(1)
            try eventually("the worker was ended for its time", within: .seconds(40)) {
                server.directory.text("error.log")?.contains("[CRITICAL] WORKER TIMEOUT (pid:") == true
            }
            try eventually("it is counted") {
                try server.metrics().sum("gunicorn_worker_restart_total", ["reason": "timeout"]) == 1
            }
            withExtendedLifetime(stuck) {}
        }
    }

    @Test func `for development restarts the workers when a watched file changes, and says it all`() throws {
        let guide = try GuideServer("development")
        try guide.whenReady(workers: 2) { server in
            try eventually("the access log is on the standard output") {
                server.standardOutput.contains("\"GET / HTTP/1.1\" 200 5 ")
            }
            #expect(server.log.contains("[DEBUG]") && server.log.contains("[WARNING] Reloader is on."))
            let before = server.workerPids()
            try server.directory.write("GREETING = 'changed'\n", to: "config.py")
            try server.waitForLog("Worker reloading: \(server.directory.file("config.py")) modified")
            try eventually("the new code answers") { try server.client.get("/").text == "changed" }
            for pid in before { try server.waitForLog("Worker \(pid) received interrupt signal") }
        }
    }

    @Test func `for sync workers runs one request at a time in each`() throws {
        let guide = try GuideServer("sync")
        try guide.whenReady(workers: 4) { server in
            let connections = try server.hold(4, of: 6)
            let running = server.directory.lines("held")
            #expect(Set(running).count == running.count, "two at a time in one worker: \(running)")
            try server.letGo(connections)
            #expect(server.held == 6)
        }
    }

    @Test func `for threads runs as many requests at a time as there are threads, and counts each`() throws {
        let guide = try GuideServer("thread")
        try guide.whenReady(workers: 2) { server in
            try server.letGo(try server.hold(8))
            let load = try Load(server.endpoint, clients: 8)
            try eventually("some requests") { load.answers > 200 }
            #expect(try load.stop() == [])
            try server.waitForRequests(1 + 8 + load.answers)
        }
    }
}
