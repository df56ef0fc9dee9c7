import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The master's descriptors` {
    @Test func `are no more after its children were replaced many times`() throws {
        let directory = try applicationDirectory()
        let plugin = try Fixture.recorder()
        try serving("app:app", "--plugin", plugin, in: directory, options: .recording(in: directory)) { server in
            let before = openDescriptors(of: server.pid)
            for role in [ChildRole.worker, .exporter, .hookRunner, .worker, .exporter, .hookRunner] {
                let killed = try #require(server.children(role).first)
                killed.signal(SIGKILL)
                try eventually("a new \(role)") { server.children(role).count == 1 && !killed.isCurrent }
            }
            try server.waitUntilReady()
            try eventually("no more descriptors than before") { openDescriptors(of: server.pid) <= before }
        }
    }

    private func openDescriptors(of pid: Int32) -> Int {
        Files.names(in: "/proc/\(pid)/fd").count
    }
}

@Suite(.serialized) struct `A worker whose application takes SIGTERM for itself` {
    @Test func `ends with its master all the same`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            import signal

            def app(environ, start_response):
                signal.signal(signal.SIGTERM, lambda *_: None)
                start_response("200 OK", [("Content-Length", "2")])
                return [b"ok"]

            """, to: "app.py")
        try starting("app:app", in: directory) { server in
            try server.waitUntilReady()
            server.signal(SIGKILL)
            _ = try server.waitForExit()
            try eventually("no process is left", within: .seconds(20)) { server.descendants().isEmpty }
        }
    }
}

@Suite(.serialized) struct `A native worker whose log is a closed pipe` {
    @Test func `serves`() throws {
        let directory = try TemporaryDirectory()
        let application = try Compiler.sharedObject(file: "\(Repository.root)/Plugins/Examples/hello-app-c/hello.c")
        let port = try FreePort.any()
        let script = """
            "$TALON" "$APPLICATION" -b 127.0.0.1:\(port) --no-metrics --pid talon.pid 2>&1 | head -n 1 &
            curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:\(port)/
            kill -TERM "$(cat talon.pid)"
            """
        let result = try run(
            "/bin/sh", ["-c", script],
            environment: [
                "PATH": "/usr/bin:/bin", "TALON": try TestEnvironment.binary(), "APPLICATION": application,
            ], directory: directory.path)
        #expect(result.output.contains("Hello, world!"), "\(result.output)\(result.error)")
    }
}
