import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A reload by HUP` {
    @Test func `replaces every worker and loads the new code`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            let before = Set(server.workerPids())
            try directory.writeApplication(answering: "new")
            server.signal(SIGHUP)
            try server.waitForLog("Handling signal: hup")
            try server.waitForLog("Hang up: Master")
            try eventually("only new workers are left") {
                server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
            }
            let response = try server.client.get("/")
            #expect(response.text == "new")
            for pid in before { #expect(server.log.contains("Worker exiting (pid: \(pid))")) }
            try eventually("the metrics are of the new generation") {
                let generations = try server.metrics().all("talon_worker_info").map { $0.labels["generation"] }
                return generations == ["2", "2"]
            }
        }
    }

    @Test func `tells old workers to stop when the new ones serve, not before`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            let before = Set(server.workerPids())
            try directory.writeApplication(
                answering: "new",
                preamble: """
                    import os, time
                    open(f"importing.{os.getpid()}", "w")
                    while not os.path.exists("go"): time.sleep(0.01)
                    """)
            server.signal(SIGHUP)
            try eventually("two new workers import the application") {
                Files.names(in: directory.path).filter { $0.hasPrefix("importing.") }.count == 2
            }
            for _ in 0..<10 { #expect(try server.client.get("/").text == "old") }
            #expect(before.isSubset(of: server.workerPids()))
            #expect(!server.log.contains("Worker exiting"))
            try directory.write("", to: "go")
            try eventually("only new workers are left") {
                server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
            }
            #expect(try server.client.get("/").text == "new")
        }
    }

    @Test func `fails no request`() throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", in: directory, workers: 2) { server in
            let load = try Load(server.endpoint, clients: 2)
            for _ in 0..<5 {
                let before = Set(server.workerPids())
                let answered = load.answers
                server.signal(SIGHUP)
                try eventually("only new workers are left, and requests are answered") {
                    server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
                        && load.answers > answered
                }
            }
            let failures = try load.stop()
            #expect(failures == [])
            #expect(load.answers > 0)
        }
    }

    @Test func `lets a running request finish in its old worker`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a")
            let before = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("of the old workers only that of the request is left") {
                before.intersection(server.workerPids()) == [held.worker] && server.workers().count == 3
            }
            try held.release()
            let response = try held.response()
            #expect(response.text == "held")
            try eventually("the last old worker is gone") { before.isDisjoint(with: server.workerPids()) }
        }
    }

    @Test(arguments: ["raise RuntimeError('broken')", "import no_such_module", "import os; os._exit(1)"])
    func `with an application that is broken meanwhile leaves the old workers serving`(preamble: String) throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            let before = Set(server.workerPids())
            try directory.writeApplication(answering: "new", preamble: preamble)
            server.signal(SIGHUP)
            try server.waitForLogs("exited with code", count: 2)
            for _ in 0..<10 { #expect(try server.client.get("/").text == "old") }
            #expect(before.isSubset(of: server.workerPids()))

            try directory.writeApplication(answering: "repaired")
            server.signal(SIGHUP)
            try eventually("only new workers are left") {
                server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
            }
            #expect(try server.client.get("/").text == "repaired")
        }
    }

    @Test func `twice in a row leaves one generation`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            let before = Set(server.workerPids())
            try directory.writeApplication(answering: "new")
            server.signal(SIGHUP)
            try server.waitForLogs("Handling signal: hup", count: 1)
            server.signal(SIGHUP)
            try server.waitForLogs("Handling signal: hup", count: 2)
            try eventually("two new workers of one generation") {
                let generations = try server.metrics().all("talon_worker_info").map { $0.labels["generation"] }
                return server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
                    && generations == ["3", "3"]
            }
            #expect(try server.client.get("/").text == "new")
        }
    }

    @Test func `keeps what the workers have counted`() throws {
        let directory = try directory(answering: "old")
        try serving("app:app", in: directory, workers: 2) { server in
            for _ in 0..<20 { _ = try server.client.get("/") }
            let counted = try server.metrics().sum("gunicorn_worker_requests_total")
            let before = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("only new workers are left") {
                server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
            }
            #expect(try server.metrics().sum("gunicorn_worker_requests_total") >= counted)
        }
    }
}
