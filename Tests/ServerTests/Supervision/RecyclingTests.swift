import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A worker that has answered as many requests as it may` {
    @Test func `is replaced, and no request fails`() throws {
        let directory = try directory(answering: "hello")
        try serving(
            "app:app", "--max-requests", "40", "--max-requests-jitter", "20", in: directory, workers: 2
        ) { server in
            let load = try Load(server.endpoint, clients: 4)
            try eventually("ten workers were replaced", within: .seconds(90)) {
                try server.metrics().value("talon_worker_exits_total", ["reason": "max_requests"]) ?? 0 >= 10
            }
            #expect(try load.stop() == [])
            #expect(server.log.contains("Autorestarting worker after current request."))
            try server.waitForWorkers(2)
            let ends = try server.ends()
            #expect(Array(ends.exits.keys) == ["max_requests"])
            #expect(Array(ends.restarts.keys) == ["max_requests graceful"])
        }
    }

    @Test(arguments: [["--keep-alive", "0"], ["--threads", "4"], ["--threads", "4", "--keep-alive", "0"]])
    func `is replaced without a failure with a connection for each request, and with threads`(
        arguments: [String]
    ) throws {
        let directory = try directory(answering: "hello")
        let server = try TalonServer(
            ["app:app", "-w", "2", "--max-requests", "40", "--max-requests-jitter", "20"] + arguments, in: directory)
        do {
            try server.waitUntilReady(workers: 2)
            let load = try Load(server.endpoint, clients: 8)
            try eventually("ten workers were replaced", within: .seconds(90)) {
                try server.metrics().value("talon_worker_exits_total", ["reason": "max_requests"]) ?? 0 >= 10
            }
            #expect(try load.stop() == [])
            try server.waitForWorkers(2)
            let ends = try server.ends()
            #expect(Array(ends.exits.keys) == ["max_requests"])
            try server.stop()
        } catch {
            throw TestFailure("\(error)\n\(server.log)")
        }
    }

    @Test func `serves on until another has booted in its place`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", "--max-requests", "5", in: directory) { server in
            let worker = try #require(server.workerPids().first)
            try directory.writeApplication(answering: "new", preamble: "raise RuntimeError('broken')")
            for _ in 0..<5 { #expect(try server.client.get("/").text == "old") }
            try server.waitForLog(
                "Worker (pid:\(worker)) serves on beyond its limit (max_requests): no other has booted")
            try server.waitForLogs("exited with code 3.", count: 3)
            for _ in 0..<20 { #expect(try server.client.get("/").text == "old") }
            #expect(server.workerPids().contains(worker))
            try directory.writeApplication(answering: "new")
            try eventually("the new worker serves alone", within: .seconds(90)) {
                !server.workerPids().contains(worker) && (try? server.client.get("/").text) == "new"
            }
            #expect(server.logLines.filter { $0.contains("serves on beyond") }.count == 1)
        }
    }
}

@Suite(.serialized) struct `A worker that has grown` {
    /// An application that keeps as many MiB as a request says.
    private func growing() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import os
            kept = []
            def app(environ, start_response):
                if environ["QUERY_STRING"]:
                    kept.append(bytearray(b"x") * (int(environ["QUERY_STRING"]) << 20))
                body = str(os.getpid()).encode()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]

            """, to: "app.py")
        return directory
    }

    @Test func `over the soft limit is replaced, and no request fails`() throws {
        try serving("app:app", "--max-worker-memory", "200", in: try growing(), workers: 2) { server in
            let load = try Load(server.endpoint, clients: 2)
            try server.expect("memory", "graceful") {
                let worker = try server.client.get("/?220").text
                try server.waitForLog("Worker (pid:\(worker)) has ")
                try eventually("it is gone") { !server.workerPids().map(String.init).contains(worker) }
            }
            #expect(try load.stop() == [])
            #expect(server.log.contains("MiB resident, more than max_worker_memory (200); it is replaced"))
        }
    }

    @Test func `over the hard limit is killed`() throws {
        try serving("app:app", "--max-worker-memory-hard", "200", in: try growing(), workers: 2) { server in
            // It may be seen, and killed, before it has answered.
            try server.expect("memory", "forced") { _ = try? server.client.get("/?220") }
            #expect(server.log.contains("MiB resident, more than max_worker_memory_hard (200); it is killed"))
        }
    }
}
