import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `An application that cannot be loaded` {
    private func start(_ application: String, _ source: String?) throws -> (end: ProcessEnd, log: String) {
        let directory = try TemporaryDirectory()
        if let source { try directory.write(source, to: "app.py") }
        return try starting(application, "-w", "2", in: directory) { server in
            (try server.waitForExit(), server.log)
        }
    }

    @Test func `because there is no such module ends the server with 3 and the traceback`() throws {
        let (end, log) = try start("app:app", nil)
        #expect(end == .exited(3))
        #expect(log.contains("Exception in worker process"))
        #expect(log.contains("Traceback (most recent call last):"))
        #expect(log.contains("ModuleNotFoundError: No module named 'app'"))
        #expect(log.contains("Shutting down: Master") && log.contains("Reason: Worker failed to boot."))
    }

    @Test func `because it raises ends the server with 3 and the traceback`() throws {
        let (end, log) = try start("app:app", "def deep():\n    raise ValueError('no database')\n\ndeep()\n")
        #expect(end == .exited(3))
        #expect(log.contains("ValueError: no database"))
        #expect(log.contains("app.py\", line 2, in deep"))
        #expect(log.contains("Reason: Worker failed to boot."))
    }

    @Test func `because of a syntax error ends the server with 3 and the place`() throws {
        let (end, log) = try start("app:app", "def app(:\n")
        #expect(end == .exited(3))
        #expect(log.contains("SyntaxError") && log.contains("app.py"))
    }

    @Test func `because it leaves by sys.exit is tried again, and the server can be stopped meanwhile`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("import sys\nsys.exit('not today')\n", to: "app.py")
        try starting("app:app", in: directory) { server in
            try server.waitForLogs("exited with code 1.", count: 3)
            #expect(server.log.contains("not today"))
            server.signal(SIGTERM)
            let end = try server.waitForExit(within: .seconds(10))
            #expect(end == .exited(0))
        }
    }

    @Test func `because the attribute is missing ends the server with 4`() throws {
        let (end, log) = try start("app:nope", "def app(environ, start_response): pass\n")
        #expect(end == .exited(4))
        #expect(log.contains("Failed to find attribute 'nope' in 'app'."))
        #expect(log.contains("Reason: App failed to load."))
    }

    @Test func `because it cannot be called ends the server with 4`() throws {
        let (end, log) = try start("app:app", "app = 5\n")
        #expect(end == .exited(4))
        #expect(log.contains("Reason: App failed to load."))
    }
}
