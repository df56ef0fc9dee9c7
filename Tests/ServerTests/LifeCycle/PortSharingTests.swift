import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `With --reuse-port` {
    /// The inodes of the sockets that listen on a port of 127.0.0.1, by proc_net(5).
    private func listening(on port: UInt16) -> [String] {
        let digits = String(port, radix: 16, uppercase: true)
        let address = "0100007F:" + String(repeating: "0", count: 4 - digits.count) + digits
        return Files.lines("/proc/net/tcp").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 9 && fields[1] == address && fields[3] == "0A" ? String(fields[9]) : nil
        }
    }

    @Test func `each worker has a socket of its own, which lives as long as it`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--reuse-port", "--backlog", "77", in: directory, workers: 3) { server in
            try eventually("three sockets listen") { listening(on: server.port).count == 3 }
            let sockets = Set(listening(on: server.port))
            for worker in server.workers() {
                let own = worker.descriptors.values.filter { name in sockets.contains { name == "socket:[\($0)]" } }
                #expect(own.count == 1)
            }
            let victim = try #require(server.workers().first)
            victim.signal(SIGKILL)
            try eventually("another takes its place, with another socket") {
                let now = Set(listening(on: server.port))
                return now.count == 3 && now != sockets
            }
            for _ in 0..<20 { #expect(try server.client.get("/").text == "ok") }
        }
    }

    @Test func `a worker that boots holds up nobody`() throws {
        let directory = try TemporaryDirectory()
        // The second worker never comes to serve while the test runs.
        try directory.writeApplication(
            answering: "ok",
            preamble: """
                import os, time
                try:
                    os.mkdir("first")
                except FileExistsError:
                    while not os.path.exists("go"): time.sleep(0.01)
                """)
        try starting("app:app", "-w", "2", "--reuse-port", in: directory) { server in
            try server.waitUntilAnswers()
            for _ in 0..<30 { #expect(try server.client.get("/").text == "ok") }
            try directory.write("", to: "go")
        }
    }

    @Test func `a port that another has is an error`() throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        try withExtendedLifetime(other) {
            let result = try talon(
                "app:app", "--reuse-port", "-b", "127.0.0.1:\(port)", "--python", try TestEnvironment.python(),
                in: directory)
            #expect(result.end == .exited(1))
            #expect(result.error.contains("Connection in use: ('127.0.0.1', \(port))"))
        }
    }

    @Test func `a binary upgrade serves on the same port`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "--reuse-port", "--pid", "talon.pid", in: directory) { server in
            server.signal(SIGUSR2)
            let pid = try eventually("the second master has its pid file") {
                directory.text("talon.pid.2").flatMap { Int32($0.filter(\.isNumber)) }
            }
            try eventually("both listen") { listening(on: server.port).count == 2 }
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(try server.client.get("/").text == "ok")
            kill(pid, SIGTERM)
            try eventually("the second master is gone") { server.descendants().isEmpty }
        }
    }
}
