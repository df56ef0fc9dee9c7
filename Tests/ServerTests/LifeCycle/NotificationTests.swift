import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The service manager` {
    @Test func `is told of ready, reload, status and stop`() throws {
        let directory = try applicationDirectory()
        let manager = try NotifySocket(directory.file("notify"))
        var options = TalonServer.Options()
        options.environment["NOTIFY_SOCKET"] = manager.path
        try starting("app:app", "-w", "1", in: directory, options: options) { server in
            let ready = try manager.message(with: "READY=1")
            #expect(ready.contains("STATUS=1 worker, generation 1"))
            #expect(ready.contains("MAINPID=\(server.pid)"))
            #expect(try server.client.get("/environment?NOTIFY_SOCKET").text == "not set")

            server.signal(SIGHUP)
            let reloading = try manager.message(with: "RELOADING=1")
            #expect(reloading.contains { $0.hasPrefix("MONOTONIC_USEC=") && $0.count > 15 })
            #expect(try manager.message(with: "READY=1").contains { $0.hasSuffix("generation 2") })

            server.signal(SIGTTIN)
            _ = try manager.message(with: "STATUS=2 workers, generation 2")
            server.signal(SIGTERM)
            _ = try manager.message(with: "STOPPING=1")
            #expect(try server.waitForExit() == .exited(0))
        }
    }

    @Test func `is not told that a server is ready whose application cannot be loaded`() throws {
        let directory = try TemporaryDirectory()
        let manager = try NotifySocket(directory.file("notify"))
        var options = TalonServer.Options()
        options.environment["NOTIFY_SOCKET"] = manager.path
        try starting("nothing:app", in: directory, options: options) { server in
            let end = try server.waitForExit()
            #expect(end == .exited(3))
            #expect(throws: TestFailure.self) { try manager.message(within: .milliseconds(100)) }
        }
    }

    @Test func `gets signs of life, by an abstract name too`() throws {
        let directory = try applicationDirectory()
        let manager = try NotifySocket("@talon-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        var options = TalonServer.Options()
        options.environment["NOTIFY_SOCKET"] = manager.path
        options.environment["WATCHDOG_USEC"] = "200000"
        try starting("app:app", in: directory, options: options) { _ in
            for _ in 0..<3 { _ = try manager.message(with: "WATCHDOG=1") }
        }
    }

    @Test func `gets no signs of life that it wants of another process`() throws {
        let directory = try applicationDirectory()
        let manager = try NotifySocket(directory.file("notify"))
        var options = TalonServer.Options()
        options.environment = [
            "NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1",
        ]
        try starting("app:app", in: directory, options: options) { server in
            let first = try manager.message()
            #expect(first.hasPrefix("READY=1"))
            server.signal(SIGTERM)
            let (end, second) = (try server.waitForExit(), try manager.message())
            #expect(end == .exited(0))
            #expect(second.hasPrefix("STOPPING=1"))
        }
    }

    @Test func `is led to the second master of a binary upgrade by the first`() throws {
        let directory = try applicationDirectory()
        let manager = try NotifySocket(directory.file("notify"))
        var options = TalonServer.Options()
        options.environment["NOTIFY_SOCKET"] = manager.path
        try starting("app:app", "--pid", "talon.pid", in: directory, options: options) { server in
            _ = try manager.message(with: "READY=1")
            server.signal(SIGUSR2)
            let pid = try eventually("the second master has its pid file") {
                directory.text("talon.pid.2").flatMap { Int32($0.filter(\.isNumber)) }
            }
            try eventually("its worker serves") {
                ProcessTable.children(of: pid).contains { $0.role == .worker && $0.catches(SIGTERM) }
            }
            #expect(ProcessEntry(pid)?.commandLine == "talon: master [app:app.2]")
            server.signal(SIGTERM)
            #expect(try manager.message(with: "MAINPID=").contains("MAINPID=\(pid)"))
            #expect(try manager.message(with: "READY=1").contains("MAINPID=\(pid)"))
            #expect(ProcessEntry(pid)?.commandLine == "talon: master [app:app]")
            kill(pid, SIGTERM)
            try eventually("the second master is gone") { server.descendants().isEmpty }
        }
    }
}
