import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The processes of a server` {
    @Test func `are told with their threads and descriptors as the kernel does`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", "3", in: directory, workers: 2) { server in
            let page = try server.metrics()
            let processes = ["exporter", "master", "worker_0", "worker_1"]
            for family in [
                "talon_process_resident_memory_bytes", "talon_process_cpu_seconds_total", "talon_process_open_fds",
                "talon_process_threads",
            ] {
                #expect(page.all(family).compactMap { $0.labels["process"] }.sorted() == processes, "\(family)")
                #expect(page.all(family).allSatisfy { $0.value >= 0 && Set($0.labels.keys) == ["process"] })
            }
            #expect(page.value("talon_process_threads", ["process": "master"]) == 1)
            for (id, worker) in zip(["worker_0", "worker_1"], server.workers()) {
                let threads = try #require(worker.threads)
                #expect(page.value("talon_process_threads", ["process": id]) == Double(threads))
            }
            // The master opens and closes files of its own now and then.
            try eventually("the descriptors of the master are those of the kernel") {
                let count = Double(server.master?.descriptors.count ?? 0)
                return try server.metrics().value("talon_process_open_fds", ["process": "master"]) == count
            }
            #expect(page.all("talon_build_info").count == 1)
            #expect(page.all("talon_build_info")[0].labels["version"]?.isEmpty == false)
            #expect(page.all("talon_build_info")[0].value == 1)
        }
    }

    @Test func `have used processor time that never falls, though they are killed`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            func used(_ process: String) throws -> Double? {
                try server.metrics().value("talon_process_cpu_seconds_total", ["process": process])
            }
            // Booting an interpreter takes some; a killed one leaves it behind.
            let worker = try #require(server.workers().first)
            let before = try eventually("the worker has used some") {
                try used("worker_0").flatMap { $0 > 0 ? $0 : nil }
            }
            worker.signal(SIGKILL)
            var last = before
            try eventually("its successor has used some") {
                let now = try used("worker_0")
                if let now {
                    #expect(now >= last)
                    last = now
                }
                return last > before && !worker.isCurrent
            }
            let exporter = try server.exporter()
            let spent = try #require(try used("exporter"))
            exporter.signal(SIGKILL)
            let after = try eventually("the next exporter answers") { exporter.isCurrent ? nil : try? used("exporter") }
            #expect(after >= spent)
        }
    }

    @Test func `are as many as are wanted, and the page has both numbers`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            func numbers() throws -> [Double?] {
                let page = try server.metrics()
                return [page.value("talon_workers_wanted"), page.value("talon_workers", ["state": "ready"])]
            }
            try eventually("two are ready") { try numbers() == [2, 2] }
            server.signal(SIGTTIN)
            try eventually("three are ready") { try numbers() == [3, 3] }
            server.signal(SIGTTOU)
            try eventually("two are ready") { try numbers() == [2, 2] }
        }
    }
}

@Suite(.serialized) struct `D30: the duration of a request` {
    @Test func `is no shorter than the application takes and no longer than the client waits`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            let family = "gunicorn_worker_request_duration_seconds"
            let began = ContinuousClock.now
            let held = try HeldRequest(server, "a")
            let runs = ContinuousClock.now
            // What came before is counted by now: the worker has one thread.
            let before = try server.metrics()
            let released = ContinuousClock.now
            try held.release()
            _ = try held.response()
            let after = try eventually("it is counted") {
                let page = try server.metrics()
                return page.sum("\(family)_count") == before.sum("\(family)_count") + 1 ? page : nil
            }
            // The worker looks at the clock when the response is out, which the client may have before.
            let ended = ContinuousClock.now
            let seconds = after.sum("\(family)_sum") - before.sum("\(family)_sum")
            #expect(.seconds(seconds) >= runs.duration(to: released))
            #expect(.seconds(seconds) <= began.duration(to: ended) + .milliseconds(1))
        }
    }
}

@Suite(.serialized) struct `D31: scrapes` {
    @Test func `need no master, and a master needs no scrapes`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            server.signal(SIGSTOP)
            try eventually("the master has stopped") { server.master?.state == "T" }
            for _ in 0..<5 { #expect(try server.metrics().all("talon_worker_info").count == 2) }
            server.signal(SIGCONT)
            let exporter = try server.exporter()
            exporter.signal(SIGSTOP)
            try eventually("the exporter has stopped") { ProcessEntry(exporter.pid)?.state == "T" }
            defer { exporter.signal(SIGCONT) }
            let worker = try #require(server.workers().first)
            worker.signal(SIGKILL)
            try eventually("the worker is replaced") { server.workers().count == 2 && !worker.isCurrent }
            #expect(try server.client.get("/").text == "ok")
        }
    }

    @Test func `of many clients at once leave the master its signals and the workers their requests`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            let scrapers = try Load(.tcp("127.0.0.1", server.metricsPort), target: "/metrics", clients: 4)
            let old = Set(server.workerPids())
            server.signal(SIGHUP)
            try eventually("only new workers are left") {
                server.workers().count == 2 && old.isDisjoint(with: server.workerPids())
            }
            #expect(try server.client.get("/").text == "ok")
            let answered = scrapers.answers
            try eventually("scrapes are answered") { scrapers.answers > answered }
            #expect(try scrapers.stop() == [])
        }
    }
}
