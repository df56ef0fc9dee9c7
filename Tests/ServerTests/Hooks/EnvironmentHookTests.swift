import TalonTesting
import Testing

@Suite(.serialized) struct `D26: the environment of the application` {
    @Test func `has the settings that are not the defaults, as the command line has them`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", "-k", "gthread", in: directory, workers: 3) { server in
            let bind = "127.0.0.1:\(server.port)"
            for (name, value) in [("WORKERS", "3"), ("BIND", bind), ("WORKER_CLASS", "gthread")] {
                #expect(try server.client.get("/environment?GUNICORN_\(name)").text == value)
                try server.waitForLogs("Updated GUNICORN_\(name) from CLI: \(value)", count: 3)
            }
        }
    }

    @Test func `has none of them where the defaults are meant`() throws {
        let directory = try applicationDirectory()
        try serving("app:app", in: directory) { server in
            for name in ["GUNICORN_WORKERS", "GUNICORN_WORKER_CLASS"] {
                let text = try server.client.get("/environment?\(name)").text
                #expect(text == "not set")
            }
        }
    }
}
