import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A preloaded application` {
    private func directory(preamble: String = "") throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded(preamble: preamble)
        return directory
    }

    @Test func `is imported once, by the seed, for workers that are the master's children`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 3) { server in
            #expect(try server.client.get("/").text == "hello")
            let seed = try server.seed()
            #expect(directory.imports == [seed.pid])
            let workers = server.workers()
            #expect(workers.count == 3 && workers.allSatisfy { $0.parent == server.pid })
            #expect(seed.parent == server.pid)
            try server.waitForLog("The application is loaded (seed pid:\(seed.pid)")
            let states = try server.metrics().all("talon_worker_info")
            #expect(Set(states.compactMap { $0.labels["pid"] }) == Set(workers.map { "\($0.pid)" }))
        }
    }

    @Test func `is not imported again for a worker that replaces another`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let seed = try server.seed()
            for _ in 0..<5 {
                let before = Set(server.workerPids())
                for worker in server.workers() { worker.signal(SIGKILL) }
                try server.waitForOthers(than: before, count: 2)
                #expect(try server.client.get("/").text == "hello")
            }
            #expect(directory.imports == [seed.pid])
            #expect(try server.seed().pid == seed.pid)
        }
    }

    @Test func `ends in good order, seed and all`() throws {
        let directory = try directory(
            preamble: """
                import atexit
                seed = os.getpid()
                atexit.register(lambda: open("left.%s" % ("seed" if os.getpid() == seed else os.getpid()), "w"))
                """)
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let workers = server.workerPids()
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            let left = Files.names(in: directory.path).filter { $0.hasPrefix("left.") }
            #expect(Set(left) == Set(workers.map { "left.\($0)" } + ["left.seed"]))
            #expect(!server.log.contains("ERROR"))
        }
    }

    @Test func `is called by several threads of each worker`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--preload", "--threads", "4", in: directory) { server in
            let held = try ["a", "b", "c"].map { try HeldRequest(server, $0) }
            #expect(Set(held.map(\.worker)).count == 1)
            #expect(try server.client.get("/").text == "ok")
            for request in held { try request.release() }
            for request in held { #expect(try request.response().text == "held") }
        }
    }

    @Test func `has the hooks of each worker run in it, after the import`() throws {
        let directory = try directory(preamble: "with open('record', 'a') as file: file.write('hook=import\\n')")
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:app", "--preload", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            #expect(
                directory.records.map(\.hook) == ["on_starting", "when_ready", "import", "post_fork", "post_fork"])
            let calls = directory.records(of: "post_fork")
            #expect(Set(calls.compactMap { $0.number("pid") }) == Set(server.workerPids().map { Int($0) }))
            #expect(calls.allSatisfy { $0.number("self") == $0.number("pid") })
            #expect(Set(calls.compactMap { $0.number("slot") }) == [0, 1])
        }
    }

    @Test func `finds in the environment what hooks have set in its worker`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let text = try server.client.get("/environment?GUNICORN_WORKERS").text
            #expect(text == "2")
        }
    }

    @Test func `keeps the files that it has opened, in every worker`() throws {
        let directory = try directory(
            preamble: """
                files = [open("data.%d" % number, "w+") for number in range(20)]
                for number, file in enumerate(files): file.write(str(number)); file.flush()
                opened = [os.readlink("/proc/self/fd/%d" % file.fileno()) for file in files]
                def check(environ, start_response):
                    now = [os.readlink("/proc/self/fd/%d" % file.fileno()) for file in files]
                    start_response("200 OK", [])
                    return [b"same" if now == opened else repr(now).encode()]
                """)
        let plugin = try Fixture.recorder()
        let options = TalonServer.Options.recording(in: directory)
        try serving("app:check", "--preload", "--plugin", plugin, in: directory, options: options) { server in
            let text = try server.client.get("/").text
            #expect(text == "same")
        }
    }

    @Test func `draws other random numbers in each worker`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import os, random, time
            random.random()
            def app(environ, start_response):
                time.sleep(0.1)
                start_response("200 OK", [])
                return [b"%d %f" % (os.getpid(), random.random())]

            """, to: "app.py")
        try serving("app:app", "--preload", in: directory, workers: 3) { server in
            var first: [Substring: Substring] = [:]
            try eventually("all workers have answered") {
                // All at once: one that is busy takes no other.
                let connections = try (0..<3).map { _ in try server.client.connect() }
                for connection in connections { try connection.sendHead("GET", "/") }
                for connection in connections {
                    let words = try connection.receive().text.split(separator: " ")
                    try #require(words.count == 2)
                    if first[words[0]] == nil { first[words[0]] = words[1] }
                }
                return first.count == 3
            }
            #expect(Set(first.values).count == 3)
        }
    }

    @Test func `whose threads stay in the seed is warned of`() throws {
        let directory = try directory(
            preamble: "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()")
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            try server.waitForLog("The seed has 2 threads")
            #expect(server.workers().allSatisfy { $0.threads == 1 })
            #expect(server.logLines.count { $0.contains("The seed has 2 threads") } == 1)
        }
    }
}
