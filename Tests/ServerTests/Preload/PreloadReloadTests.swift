import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A reload of a preloaded application` {
    @Test func `loads the new code in a new seed, and the old one ends`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded(answering: "old")
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let old = (seed: try server.seed(), workers: Set(server.workerPids()))
            try directory.writeSeeded(answering: "new")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            try server.waitForOthers(than: old.workers, count: 2)
            #expect(try server.client.get("/").text == "new")
            try eventually("the old seed has ended") { server.children(.seed).count == 1 && !old.seed.isCurrent }
            let second = try server.seed().pid
            #expect(directory.imports == [old.seed.pid, second])
        }
    }

    @Test(arguments: ["raise RuntimeError('broken')", "import no_such_module", "import os; os._exit(0)"])
    func `with code that is broken keeps the old workers, and the old seed for more of them`(broken: String) throws {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded(answering: "old")
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let old = (seed: try server.seed(), workers: Set(server.workerPids()))
            try directory.writeSeeded(answering: "new", preamble: broken)
            server.signal(SIGHUP)
            try server.waitForLog("Reload failed: the application cannot be loaded: seed (pid:")
            #expect(Set(server.workerPids()) == old.workers)
            try eventually("the old seed is the only one") { server.children(.seed).map(\.pid) == [old.seed.pid] }
            for worker in server.workers() { worker.signal(SIGKILL) }
            try server.waitForOthers(than: old.workers, count: 2)
            #expect(try server.client.get("/").text == "old")

            try directory.writeSeeded(answering: "repaired")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 3 serve")
            try eventually("the new code answers") { try server.client.get("/").text == "repaired" }
        }
    }

    @Test func `while the new code still loads gives way to the next`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded(answering: "old")
        try serving("app:app", "--preload", in: directory) { server in
            try directory.writeSeeded(answering: "stuck", preamble: "import time; time.sleep(3600)")
            server.signal(SIGHUP)
            try eventually("the second seed imports") { directory.imports.count == 2 }
            try directory.writeSeeded(answering: "new")
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 3 serve")
            try eventually("the new code answers") { try server.client.get("/").text == "new" }
            try eventually("one seed is left") { server.children(.seed).count == 1 }
        }
    }

    @Test func `fails no request`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeSeeded()
        try serving("app:app", "--preload", in: directory, workers: 2) { server in
            let load = try Load(server.endpoint, clients: 2)
            for generation in 2...6 {
                server.signal(SIGHUP)
                try server.waitForLog("Reloaded: the workers of generation \(generation) serve")
            }
            #expect(try load.stop() == [])
            #expect(load.answers > 0)
        }
    }
}
