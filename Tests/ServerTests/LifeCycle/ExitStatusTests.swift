import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The exit status` {
    /// gunicorn's, as observed.
    private static let rows: [(arguments: [String], source: String, status: Int32)] = [
        (["missing:app"], "", 3),
        (["app:app"], "raise RuntimeError('broken')", 3),
        (["app:absent"], "", 4),
        (["app:app"], "app = 5", 4),
        ([], "", 1),
        (["app:app", "--no-such-option"], "", 2),
        (["app:app", "-w", "many"], "", 2),
        (["app:app", "-w", "0"], "", 1),
        (["app:app", "-b", "127.0.0.1:port"], "", 1),
        (["app:app", "-m", "abc"], "", 2),
        (["app:app", "--chdir", "absent"], "", 1),
        (["app:app", "-u", "who-is-this"], "", 1),
        (["app:app", "--pid", "absent/talon.pid"], "", 1),
        (["app:app", "--error-logfile", "absent/error.log"], "", 1),
    ]

    @Test func `says why a server did not start`() throws {
        for (arguments, source, status) in Self.rows {
            let directory = try directory(answering: "hello")
            if !source.isEmpty { try directory.write(source, to: "app.py") }
            let server = try TalonServer(arguments, in: directory)
            let end = try server.waitForExit()
            #expect(end == .exited(status), "\(arguments) \(source)\n\(server.log)")
            #expect(!server.log.isEmpty, "\(arguments)")
        }
    }
}
