import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The listeners` {
    @Test func `are as many as -b names`() throws {
        let directory = try applicationDirectory()
        let first = try FreePort.any()
        let second = try FreePort.any()
        try starting("app:app", "-b", "127.0.0.1:\(first)", "-b", "127.0.0.1:\(second)", in: directory) { server in
            for port in [first, second] {
                let response = try server.waitUntilAnswers("/", at: .tcp("127.0.0.1", port))
                #expect(response.text == "ok")
            }
            #expect(server.log.contains("Listening at: http://127.0.0.1:\(first)"))
            #expect(server.log.contains("http://127.0.0.1:\(second)"))
        }
    }

    @Test(.enabled("needs IPv6 on the loopback") { Files.lines("/proc/net/if_inet6").contains { $0.hasSuffix(" lo") } })
    func `may be of IPv6`() throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        try starting("app:app", "-b", "[::1]:\(port)", in: directory) { server in
            let response = try server.waitUntilAnswers("/", at: .tcp("::1", port))
            #expect(response.text == "ok")
            #expect(server.log.contains("Listening at: http://[::1]:\(port)"))
        }
    }

    @Test func `may be a unix socket, whose file goes at the end`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("talon.sock")
        try starting("app:app", "-b", "unix:\(path)", in: directory) { server in
            let response = try server.waitUntilAnswers("/", at: .unix(path))
            #expect(response.text == "ok")
            #expect(Files.isSocket(path))
            #expect(server.log.contains("Listening at: unix:\(path)"))
            server.signal(SIGTERM)
            let end = try server.waitForExit()
            #expect(end == .exited(0))
            #expect(!Files.exists(path))
        }
    }

    @Test func `take over the socket file that a killed server left`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("talon.sock")
        try starting("app:app", "-b", "unix:\(path)", in: directory) { server in
            try server.waitUntilAnswers("/", at: .unix(path))
            server.signal(SIGKILL)
            _ = try server.waitForExit()
        }
        #expect(Files.isSocket(path), "a killed server leaves its file")
        try starting("app:app", "-b", "unix:\(path)", in: directory) { server in
            let response = try server.waitUntilAnswers("/", at: .unix(path))
            #expect(response.text == "ok")
        }
    }

    @Test func `do not replace a file that is no socket`() throws {
        let directory = try applicationDirectory()
        let path = try directory.write("precious", to: "file")
        try starting("app:app", "-b", "unix:\(path)", in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.log.contains(path))
        }
        #expect(Files.text(path) == "precious")
    }

    @Test func `that another program has end the start with a clear error and code 1, after five tries`() throws {
        let directory = try applicationDirectory()
        let port = try FreePort.any()
        let other = try ListeningSocket(port: port)
        try withExtendedLifetime(other) {
            try starting("app:app", "-b", "127.0.0.1:\(port)", in: directory) { server in
                let end = try server.waitForExit()
                #expect(end == .exited(1))
                #expect(server.log.contains("Connection in use: ('127.0.0.1', \(port))"))
                #expect(server.logLines.filter { $0.contains("Connection in use:") }.count == 5)
                #expect(!server.log.contains("Booting worker"))
            }
        }
    }

    @Test func `on an address that this machine does not have end the start with code 1`() throws {
        let directory = try applicationDirectory()
        try starting("app:app", "-b", "192.0.2.1:8000", in: directory) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(1))
            #expect(server.log.contains("192.0.2.1"))
        }
    }
}
