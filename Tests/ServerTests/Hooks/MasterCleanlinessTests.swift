import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The master` {
    @Test func `has one thread at each fork, with every example plugin, after HUP and after kills`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.exampleHook()
        let server = try TalonServer(
            ["app:app", "-w", "2", "--log-level", "debug", "--plugin", plugin], in: directory)
        func expectOneThread(_ moment: String) throws {
            let threads = try eventually("the master's status") { server.master?.threads }
            #expect(threads == 1, "\(moment)")
        }
        try expectOneThread("at once")
        try server.waitUntilReady(workers: 2)
        try expectOneThread("after the start")

        let before = Set(server.workerPids())
        server.signal(SIGHUP)
        try eventually("only new workers") {
            server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
        }
        try expectOneThread("after HUP")

        let killed = server.workers() + server.children(.exporter) + server.children(.hookRunner)
        #expect(killed.count == 4)
        for child in killed { child.signal(SIGKILL) }
        try eventually("every child is replaced") {
            let now = server.workers() + server.children(.exporter) + server.children(.hookRunner)
            return now.count == 4 && killed.allSatisfy { !$0.isCurrent }
        }
        try expectOneThread("after kills")

        let forks = server.logLines.filter { $0.contains("Forking; threads of the master: ") }
        #expect(forks.count >= 6)
        #expect(forks.allSatisfy { $0.hasSuffix("Forking; threads of the master: 1") }, "\(forks)")
        try server.stop()
        #expect(server.logLines.allSatisfy { !$0.contains("threads of the master: ") || $0.hasSuffix(": 1") })
    }

    @Test func `gives a hook runner the descriptors 0 to 8 and no other`() throws {
        let directory = try applicationDirectory()
        let leak = try directory.write("secret", to: "leak")
        let plugin = try Fixture.exampleHook()
        var options = TalonServer.Options()
        options.descriptors = [3: leak, 9: leak, 20: leak]
        try serving("app:app", "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            let runners = server.children(.hookRunner)
            #expect(runners.count == 1)
            for runner in runners {
                #expect(Set(runner.descriptors.keys).isSubset(of: Set(0...8)), "\(runner.descriptors)")
            }
            for child in server.descendants() {
                #expect(!child.descriptors.values.contains(leak), "\(child.commandLine) has it open")
            }
        }
    }

    @Test func `maps neither a plugin nor the interpreter`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.exampleHook()
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            let maps = Files.text("/proc/\(server.pid)/maps") ?? ""
            #expect(maps.contains("talon"))
            #expect(!maps.contains(plugin) && !maps.contains("python"))
        }
    }

    @Test func `leaves no zombie and no descriptor behind when children come and go`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory, workers: 2) { server in
            func replaceAll() throws {
                let killed = server.workers()
                for worker in killed { worker.signal(SIGKILL) }
                try eventually("two new workers") {
                    server.workers().count == 2 && killed.allSatisfy { !$0.isCurrent }
                }
                try server.waitUntilReady(workers: 2)
            }
            try replaceAll()
            let master = try #require(server.master)
            let before = master.descriptors.count
            for _ in 0..<3 { try replaceAll() }
            // It opens files of its own for moments.
            try eventually("no more descriptors than before") { master.descriptors.count <= before }
            try eventually("no zombie is left") {
                !ProcessTable.all().contains { $0.parent == server.pid && !$0.isAlive }
            }
        }
    }

    @Test func `says its name and the roles of its children in the process table`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.exampleHook()
        try serving("app:app", "--plugin", plugin, in: directory) { server in
            #expect(server.children(.exporter).count == 1)
            #expect(server.children(.hookRunner).count == 1)
            #expect(server.workers().count == 1)
            #expect(ProcessTable.children(of: server.pid).count == 3)
        }
    }
}
