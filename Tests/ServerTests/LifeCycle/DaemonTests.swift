import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `In the background` {
    /// Runs the body with the pid of a daemon, and ends it.
    private func daemon(
        _ arguments: String..., in directory: TemporaryDirectory, _ body: (TalonServer, ProcessEntry) throws -> Void
    ) throws {
        let server = try TalonServer(["app:app", "-D", "--pid", "talon.pid"] + arguments, in: directory)
        #expect(try server.waitForExit() == .exited(0))
        let pid = try #require(directory.text("talon.pid").flatMap { Int32($0.filter(\.isNumber)) })
        let master = try #require(ProcessEntry(pid))
        do {
            try body(server, master)
        } catch {
            throw TestFailure("\(error)\n\(directory.text("error.log") ?? server.log)")
        }
        master.signal(SIGTERM)
        try eventually("the daemon is gone") { server.descendants().isEmpty }
        #expect(directory.text("talon.pid") == nil)
    }

    @Test func `the command returns when the server serves, in a session of its own, without a terminal`() throws {
        let directory = try applicationDirectory()
        try daemon("--error-logfile", "error.log", in: directory) { server, master in
            #expect(try server.client.get("/").text == "ok")
            #expect(master.pid != server.pid && master.session != server.pid && master.session != master.pid)
            for stream in 0...2 { #expect(master.descriptors[stream] == "/dev/null") }
            let worker = try #require(ProcessTable.children(of: master.pid).first { $0.role == .worker })
            for stream in 0...2 { #expect(worker.descriptors[stream] == "/dev/null") }
            #expect(server.log == "")
        }
    }

    @Test func `-R keeps the standard streams`() throws {
        let directory = try applicationDirectory()
        try daemon("-R", in: directory) { server, master in
            #expect(master.descriptors[2] == directory.file("stderr.log"))
            #expect(server.log.contains("Listening at"))
        }
    }

    @Test func `a server that does not start says why, and the command ends with its status`() throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        try withExtendedLifetime(other) {
            let result = try talon(
                "app:app", "-D", "-b", "127.0.0.1:\(port)", "--python", try TestEnvironment.python(), in: directory)
            #expect(result.end == .exited(1))
            #expect(result.error.contains("Can't connect to ('127.0.0.1', \(port))"))
        }
        let result = try talon(
            "nothing:app", "-D", "-b", "127.0.0.1:\(FreePort.any())", "--python", try TestEnvironment.python(),
            in: directory)
        #expect(result.end == .exited(3))
        #expect(result.error.contains("talon: the server has ended before it served"))
    }
}
