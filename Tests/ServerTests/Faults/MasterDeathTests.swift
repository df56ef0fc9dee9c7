import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `When the master is killed` {
    private func killMaster(of server: TalonServer) throws {
        let children = server.descendants()
        #expect(!children.isEmpty)
        server.signal(SIGKILL)
        let end = try server.waitForExit()
        #expect(end == .signaled(SIGKILL))
        try server.expectNoOrphans()
        // A process whose first thread has ended counts as dead, and others of its threads may still have the sockets.
        try eventually("the ports are free") {
            FreePort.isFree(server.port) && FreePort.isFree(server.metricsPort)
        }
    }

    @Test(arguments: ["sync", "gthread"])
    func `nothing is left of it soon after`(kind: String) throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.recorder()
        try serving("app:app", "-k", kind, "--plugin", plugin, in: directory, workers: 2, options: options) { server in
            try killMaster(of: server)
        }
    }

    @Test(arguments: ["/stick", "/spin"], ["1", "2"])
    func `a worker that is stuck in its application goes too`(target: String, threads: String) throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--threads", threads, in: directory, workers: 2) { server in
            let held = try HeldRequest(server, "a", target: target)
            defer { held.close() }
            try killMaster(of: server)
        }
    }

    @Test func `a worker that is importing its application goes too`() throws {
        let directory = try TemporaryDirectory()
        try directory.writeApplication(
            answering: "late", preamble: "import time; open('importing', 'w'); time.sleep(600)")
        try starting("app:app", in: directory) { server in
            try eventually("a worker imports the application") { Files.exists(directory.file("importing")) }
            try killMaster(of: server)
        }
    }

    @Test func `a hook runner whose hook sleeps for ever goes too`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.plugin("sleep", in: "on_starting")
        try starting("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try eventually("the hook sleeps") { Files.exists(directory.file("sleeping")) }
            try killMaster(of: server)
        }
    }

    @Test func `a worker whose hook sleeps for ever goes too`() throws {
        let directory = try applicationDirectory()
        let options = TalonServer.Options.recording(in: directory)
        let plugin = try Fixture.plugin("sleep", in: "post_fork")
        try starting("app:app", "--plugin", plugin, in: directory, options: options) { server in
            try eventually("the hook sleeps") { Files.exists(directory.file("sleeping")) }
            try killMaster(of: server)
        }
    }
}
