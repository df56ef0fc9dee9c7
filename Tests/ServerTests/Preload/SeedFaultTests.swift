import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A seed` {
    private func directory(preamble: String = "") throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded(preamble: preamble)
        return directory
    }

    @Test(arguments: [
        ("app:app", "raise RuntimeError('this is broken')", "RuntimeError: this is broken"),
        ("app:app", "import no_such_module", "No module named 'no_such_module'"),
        ("app:nothing", "", "Failed to find attribute 'nothing' in 'app'."),
        ("app:app", "os._exit(0)", "exited with code 0"),
    ])
    func `that cannot load the application at the start ends the server with 1`(
        application: String, preamble: String, message: String
    ) throws {
        let directory = try directory(preamble: preamble)
        let result = try talon(
            application, "--preload", "-w", "2", "-b", "127.0.0.1:\(try FreePort.any())", "--python",
            try TestEnvironment.python(), in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains(message), "\(result.error)")
        #expect(result.error.contains("Reason: App failed to load."))
        #expect(directory.imports.count == 1)
    }

    @Test func `that is killed is started again when a worker is wanted, and no worker suffers`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let (seed, workers) = (try server.seed(), Set(server.workerPids()))
            seed.signal(SIGKILL)
            try server.waitForLog("The seed (pid:\(seed.pid)) was sent SIGKILL; another is started when a worker")
            #expect(Set(server.workerPids()) == workers)
            #expect(server.children(.seed).isEmpty)
            #expect(try server.client.get("/").text == "hello")
            for worker in server.workers() { worker.signal(SIGKILL) }
            try server.waitForOthers(than: workers, count: 2)
            let second = try server.seed().pid
            #expect(directory.imports == [seed.pid, second])
        }
    }

    @Test func `that cannot load the application again keeps nobody from trying, and the workers serve`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let workers = server.workers()
            try directory.writeSeeded(preamble: "raise RuntimeError('broken')")
            try server.seed().signal(SIGKILL)
            try #require(workers.first).signal(SIGKILL)
            try server.waitForLogs("No worker can be started: the application cannot be loaded: seed", count: 2)
            #expect(try server.client.get("/").text == "hello")
            try directory.writeSeeded()
            try server.waitForOthers(than: [try #require(workers.first).pid], count: 2)
        }
    }

    @Test func `that is stuck in the import is ended within boot_timeout, and shows where`() throws {
        let directory = try directory(preamble: "import time; time.sleep(3600)")
        let result = try talon(
            "app:app", "--preload", "--boot-timeout", "5", "-b", "127.0.0.1:\(try FreePort.any())", "--python",
            try TestEnvironment.python(), in: directory)
        #expect(result.status == 1)
        #expect(result.error.contains("SEED TIMEOUT"))
        #expect(result.error.contains("time.sleep(3600)"), "the traceback: \(result.error)")
        #expect(result.error.contains("had not loaded it within boot_timeout"))
    }

    @Test func `that hangs in the import is killed with the server that is stopped`() throws {
        let directory = try directory(
            preamble: "import signal, time; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(3600)")
        try starting("app:app", "--preload", in: directory) { server in
            try eventually("the seed imports") { directory.imports.count == 1 }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            try server.expectNoOrphans()
        }
    }

    @Test func `leaves signals of a terminal to the master`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory) { server in
            let seed = try server.seed()
            for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH] { seed.signal(signal) }
            let worker = try #require(server.workers().first)
            worker.signal(SIGKILL)
            try server.waitForOthers(than: [worker.pid], count: 1)
            #expect(try server.seed().pid == seed.pid)
            server.process.signalGroup(SIGINT)
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test func `ends with its master, however that ends`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            server.signal(SIGKILL)
            _ = try server.waitForExit()
            try server.expectNoOrphans()
        }
    }

    @Test func `opens the log anew by USR1`() throws {
        let directory = try directory(
            preamble: "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()")
        let log = directory.file("error.log")
        try serving("app:app", "--preload", "--error-logfile", log, in: directory) { server in
            let seed = try server.seed()
            try eventually("the seed has its log") { seed.descriptors.values.contains(log) }
            #expect(try run("/bin/mv", [log, log + ".1"]).status == 0)
            server.signal(SIGUSR1)
            try eventually("the seed has the new log") {
                let open = seed.descriptors.values
                return open.contains(log) && !open.contains(log + ".1")
            }
        }
    }

    @Test func `forks 200 workers, and the master holds no more descriptors after them`() throws {
        let directory = try directory()
        try serving("app:app", "--preload", in: directory, workers: 20) { server in
            let master = try #require(server.master)
            let before = master.descriptors.count
            var seen = Set(server.workerPids())
            for _ in 0..<9 {
                let last = Set(server.workerPids())
                for worker in server.workers() { worker.signal(SIGKILL) }
                try server.waitForOthers(than: last, count: 20)
                seen.formUnion(server.workerPids())
            }
            #expect(seen.count == 200)
            #expect(directory.imports.count == 1)
            try eventually("no more descriptors than before") { master.descriptors.count <= before }
            let states = try server.metrics().all("talon_workers").reduce(0) { $0 + $1.value }
            #expect(states == 20, "every slot of an ended worker is free")
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
        }
    }
}
