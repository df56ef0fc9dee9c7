import Glibc
import TalonTesting
import Testing

/// An application with a worker that grows on demand, and one that uses its processor without any request.
private func directory(_ preamble: String = "") throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(
        """
        import os, threading
        kept = []
        \(preamble)
        def app(environ, start_response):
            if environ["PATH_INFO"] == "/grow":
                kept.append(bytearray(b"x") * (120 << 20))
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(os.getpid()).encode()]

        """, to: "app.py")
    return directory
}

private let spinning = """
    def spin():
        while True: pass
    threading.Thread(target=spin, daemon=True).start()
    """

private let liveFamilies = [
    "gunicorn_worker_memory_bytes", "gunicorn_worker_cpu_percent", "gunicorn_worker_uptime_seconds",
]

extension MetricsPage {
    /// The slot in which a worker is now.
    fileprivate func id(of pid: Int32) throws -> String {
        let found = all("talon_worker_info", ["pid": "\(pid)"])
        guard found.count == 1, let id = found[0].labels["worker_id"] else {
            throw TestFailure("\(found.count) workers with pid \(pid) on the page")
        }
        return id
    }
}

@Suite(.serialized) struct `D1: memory and processor time` {
    @Test func `are those of the worker that uses them, not of the master or another`() throws {
        try serving("app:app", in: directory(), workers: 2) { server in
            let grown = try #require(Int32(try server.client.get("/grow").text))
            let page = try server.metrics()
            let size = 120.0 * 1_048_576
            for worker in server.workerPids() {
                let id = try page.id(of: worker)
                let memory = try #require(page.value("gunicorn_worker_memory_bytes", ["worker_id": id]))
                #expect((memory > size) == (worker == grown), "\(id): \(memory)")
                #expect(page.value("talon_process_resident_memory_bytes", ["process": id]) == memory)
            }
            for process in ["master", "exporter"] {
                let memory = try #require(page.value("talon_process_resident_memory_bytes", ["process": process]))
                #expect(memory > 1_048_576 && memory < size, "\(process): \(memory)")
            }
        }
    }
}

@Suite(.serialized) struct `D2: the state of a worker` {
    @Test func `has one series for each worker and state, however long there is traffic`() throws {
        try serving("app:app", in: directory(), workers: 2) { server in
            try eventually("there was traffic in several seconds") {
                _ = try server.client.get("/")
                return try server.metrics().all("gunicorn_worker_uptime_seconds").allSatisfy { $0.value > 3 }
            }
            let states = try server.metrics().all("gunicorn_worker_state")
            #expect(states.count == 6)
            #expect(Set(states.flatMap(\.labels.keys)) == ["worker_id", "state"])
            // What users mean by this query.
            #expect(states.filter { $0.labels["state"] == "running" }.reduce(0) { $0 + $1.value } == 2)
        }
    }

    @Test func `is running, then quitting, then 0 in all when it is gone`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let held = try HeldRequest(server, "a")
            let id = try server.metrics().id(of: held.worker)
            func states() throws -> [Double?] {
                let page = try server.metrics()
                return ["running", "quitting", "aborting"].map {
                    page.value("gunicorn_worker_state", ["worker_id": id, "state": $0])
                }
            }
            #expect(try states() == [1, 0, 0])
            server.signal(SIGHUP)
            try eventually("it is quitting") { try states() == [0, 1, 0] }
            #expect(try server.metrics().value("talon_workers", ["state": "quitting"]) == 1)
            try held.release()
            #expect(try held.response().text == "held")
            try eventually("it is gone") { try states() == [0, 0, 0] }
            let page = try server.metrics()
            #expect(page.value("talon_workers", ["state": "quitting"]) == 0)
            #expect(page.sum("gunicorn_worker_state", ["state": "running"]) == 1)
        }
    }

    @Test func `is aborting when it is over its time limit`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-t", "2", in: directory) { server in
            // It is so for the second between ABRT and KILL. On a slow machine it may take another to see it.
            try eventually("one is aborting", within: .seconds(60)) {
                if let worker = server.workers().first, worker.catches(SIGTERM) { worker.signal(SIGSTOP) }
                return try server.metrics().sum("gunicorn_worker_state", ["state": "aborting"]) == 1
            }
        }
    }
}

@Suite(.serialized) struct `D10: of workers that are gone` {
    @Test func `no gauge but the state is left, and no file is added`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            _ = try server.client.get("/")
            let old = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("only new workers are left") {
                server.workers().count == 2 && old.isDisjoint(with: server.workerPids())
            }
            let page = try eventually("the page has the new ones only") {
                let page = try server.metrics()
                let isNew = page.all("talon_worker_info").allSatisfy { $0.labels["generation"] == "2" }
                return isNew && page.sum("gunicorn_worker_state") == 2 ? page : nil
            }
            for family in liveFamilies {
                #expect(Set(page.all(family).map { $0.labels["worker_id"] }) == ["worker_2", "worker_3"], "\(family)")
            }
            #expect(!page.samples.contains { old.contains(Int32($0.labels["pid"] ?? "") ?? 0) })

            for _ in 0..<5 {
                let worker = try #require(server.workers().first)
                worker.signal(SIGKILL)
                try eventually("it is replaced") { server.workers().count == 2 && !worker.isCurrent }
                try server.waitUntilReady(workers: 2)
            }
            // Two slots serve, and two more have served since a reload: whoever comes takes one of these.
            let owners = Files.names(in: directory.file("metrics")).compactMap { name in
                name.hasSuffix(".db") ? name.dropLast(3).split(separator: "_").last.map(String.init) : nil
            }
            #expect(Set(owners).isSubset(of: ["0", "1", "2", "3", "master"]), "\(owners)")
        }
    }
}

@Suite(.serialized) struct `D29: an idle worker` {
    @Test func `is on the page before its first request, and its gauges go on`() throws {
        try serving("app:app", in: directory(spinning), workers: 2) { server in
            // One request has come so far, by which the server was found ready: at most one worker has had any.
            let first = try server.metrics()
            for family in liveFamilies {
                #expect(Set(first.all(family).map { $0.labels["worker_id"] }) == ["worker_0", "worker_1"], "\(family)")
            }
            #expect(first.all("gunicorn_worker_cpu_percent").allSatisfy { $0.value > 0 }, "the first reading counts")
            try eventually("time passes for both") {
                let page = try server.metrics()
                return ["worker_0", "worker_1"].allSatisfy { id in
                    let labels = ["worker_id": id]
                    let before = first.value("gunicorn_worker_uptime_seconds", labels) ?? .infinity
                    return page.value("gunicorn_worker_uptime_seconds", labels) ?? 0 > before + 1
                        && page.value("gunicorn_worker_cpu_percent", labels) ?? 0 > 1
                }
            }
        }
    }
}
