import TalonTesting

/// A directory with life.py as `app`.
func applicationDirectory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.copy(fixture: "apps/life.py", as: "app.py")
    return directory
}

/// A directory whose application answers every request with a text.
func directory(answering text: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.writeApplication(answering: text)
    return directory
}

extension TemporaryDirectory {
    /// Puts an application in the place of what is there; `preamble` runs when it is imported.
    func writeApplication(answering text: String, preamble: String = "") throws {
        try write(
            """
            \(preamble)
            def app(environ, start_response):
                body = b\(text.debugDescription)
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]

            """, to: "app.py")
        // Two versions of the same length within a second would look alike to the import system's cache.
        _ = try run("/bin/rm", ["-rf", file("__pycache__")])
    }
}

/// A request that has begun in the application and ends when the test lets it.
final class HeldRequest {
    private let connection: HTTPConnection
    private let directory: TemporaryDirectory
    private let name: String

    /// The worker that runs it.
    let worker: Int32

    /// Sends it and waits until the application runs it. `target` is /hold, /stick or /spin of life.py.
    init(_ server: TalonServer, _ name: String, target: String = "/hold") throws {
        connection = try server.client.connect()
        directory = server.directory
        self.name = name
        try connection.sendHead("GET", "\(target)?\(name)")
        let started = directory.file("\(name).started")
        let pid = try eventually("the application runs \(target)?\(name)") { Files.text(started).flatMap { Int32($0) } }
        worker = pid
    }

    /// Lets the application end the request.
    func release() throws {
        try directory.write("", to: "\(name).go")
    }

    func response() throws -> HTTPResponse {
        try connection.receive()
    }

    /// Gives up, as a client that goes away.
    func close() {
        connection.close()
    }
}
