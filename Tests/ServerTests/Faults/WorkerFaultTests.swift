import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A worker` {
    @Test func `that is killed is replaced in its slot, and what it counted stays`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            for _ in 0..<20 { _ = try server.client.get("/") }
            let counted = try server.metrics().sum("gunicorn_worker_requests_total")
            #expect(counted >= 20)
            let killed = server.workers()
            for worker in killed { worker.signal(SIGKILL) }
            try eventually("two new workers") {
                server.workers().count == 2 && Set(killed.map(\.pid)).isDisjoint(with: server.workerPids())
            }
            try server.waitUntilReady(workers: 2)
            for worker in killed {
                try server.waitForLog("[ERROR] Worker (pid:\(worker.pid)) was sent SIGKILL!")
            }
            let page = try server.metrics()
            #expect(page.sum("gunicorn_worker_requests_total") >= counted)
            #expect(
                Set(page.all("gunicorn_worker_requests_total").map { $0.labels["worker_id"] })
                    == ["worker_0", "worker_1"])
            #expect(Set(page.all("talon_worker_info").map { $0.labels["age"] }) == ["3", "4"])
        }
    }

    @Test func `that is killed leaves the other serving`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a")
            let other = server.workers().first { $0.pid != held.worker }
            other?.signal(SIGKILL)
            try eventually("a new worker") { server.workers().count == 2 && other?.isCurrent == false }
            #expect(try server.client.get("/").text == "ok")
            try held.release()
            #expect(try held.response().text == "held")
        }
    }

    @Test(arguments: [(SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS")])
    func `that a signal ends is replaced, and the log has the signal`(signal: Int32, name: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let held = try HeldRequest(server, "a", target: "/spin")
            kill(held.worker, signal)
            try eventually("a new worker") { server.workers().count == 1 && server.workerPids() != [held.worker] }
            try server.waitUntilReady()
            try server.waitForLog("[WARNING] Worker (pid:\(held.worker)) was sent \(name)!")
        }
    }

    @Test func `whose application ends the process is replaced, and the log has the code`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            #expect(throws: HTTPFailure.self) { try server.client.get("/die?7") }
            let line = try server.waitForLog("exited with code 7.")
            #expect(line.contains("[ERROR] Worker (pid:"))
            try server.waitUntilReady(workers: 2)
        }
    }

    @Test func `that ends with 3 or 4 while it serves does not take the server down`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            for code in [3, 4] {
                #expect(throws: HTTPFailure.self) { try server.client.get("/die?\(code)") }
                try server.waitForLog("exited with code \(code).")
                try server.waitUntilReady(workers: 2)
            }
        }
    }

    @Test func `that cannot boot any more after the start is tried again with growing pauses`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            try directory.writeApplication(answering: "new", preamble: "raise RuntimeError('broken')")
            let killed = server.workers()[0]
            killed.signal(SIGKILL)
            let lines = try server.waitForLogs("; the next try is in ", count: 4, within: .seconds(60))
            let pauses = lines.prefix(4).map { line in
                line.split(separator: " ").dropLast().last.flatMap { Int($0) }
            }
            #expect(pauses == [200, 400, 800, 1600])
            #expect(try server.client.get("/").text == "old", "the other worker serves on")

            try directory.writeApplication(answering: "old")
            try server.waitForWorkers(2, within: .seconds(60))
            try server.waitUntilReady(workers: 2, within: .seconds(60))
        }
    }

    @Test func `that is idle or works briefly is not taken for stuck`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "3", in: directory, workers: 2) { server in
            let before = server.workerPids()
            try eventually("the workers are older than four timeouts", within: .seconds(60)) {
                _ = try server.client.get("/")
                let ages = try server.metrics().all("gunicorn_worker_uptime_seconds").map(\.value)
                return ages.count == 2 && ages.allSatisfy { $0 > 12 }
            }
            #expect(server.workerPids() == before)
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
    }

    @Test(arguments: ["/stick", "/spin"])
    func `that is stuck for longer than the timeout is ended and replaced while the other serves`(target: String) throws
    {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "2", in: directory, workers: 2) { server in
            let stuck = try HeldRequest(server, "a", target: target)
            try eventually("the stuck worker is gone", within: .seconds(20)) {
                // Once it was aborted it may take one more connection before it reads the signal.
                let response = try server.client.get("/pid")
                #expect(response.text != "\(stuck.worker)" || server.log.contains("WORKER TIMEOUT"))
                return !server.workerPids().contains(stuck.worker)
            }
            try server.waitForLog("[CRITICAL] WORKER TIMEOUT (pid:\(stuck.worker))")
            #expect(server.logLines.filter { $0.contains("WORKER TIMEOUT") }.count == 1)
            try server.waitUntilReady(workers: 2)
        }
    }

    @Test func `whose process is stopped is ended and replaced`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "2", in: directory, workers: 2) { server in
            let stopped = server.workers()[0]
            stopped.signal(SIGSTOP)
            try eventually("the stopped worker is replaced", within: .seconds(20)) {
                server.workers().count == 2 && !stopped.isCurrent
            }
            #expect(server.log.contains("WORKER TIMEOUT (pid:\(stopped.pid))"))
        }
    }

    @Test func `that is stuck is left alone with timeout 0`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "0", in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a")
            try eventually("the workers are old", within: .seconds(30)) {
                let ages = try server.metrics().all("gunicorn_worker_uptime_seconds").map(\.value)
                return ages.count == 2 && ages.allSatisfy { $0 > 4 }
            }
            try held.release()
            #expect(try held.response().text == "held")
            #expect(!server.log.contains("WORKER TIMEOUT"))
        }
    }
}

extension ProcessEntry {
    /// Whether this very process is still alive.
    var isCurrent: Bool {
        guard let now = ProcessEntry(pid) else { return false }
        return now.start == start && now.isAlive
    }
}
