import TalonTesting

/// A server that speaks TLS and HTTP/2, and clients that do.
struct HTTP2Server {
    let server: TalonServer

    /// Runs the body when the server of the kind's application answers.
    static func serving(
        _ kind: Kind, _ arguments: [String] = [], workers: Int = 1, protocols: String = "h2,h1",
        _ body: (HTTP2Server) throws -> Void
    ) throws {
        try serving(
            kind.application, that: "ok", ["--chdir", Apps.folder] + kind.options + arguments, workers: workers,
            protocols: protocols, body)
    }

    /// Runs the body when the application answers what it should. The certificate is signed by itself, and no client
    /// looks at it.
    static func serving(
        _ application: String, that answers: String, _ arguments: [String] = [], workers: Int = 1,
        protocols: String = "h2,h1", _ body: (HTTP2Server) throws -> Void
    ) throws {
        let directory = try TemporaryDirectory()
        let (certificate, key) = (directory.file("server.pem"), directory.file("server.key"))
        let made = try run(
            "/usr/bin/openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-keyout", key, "-out", certificate, "-subj", "/CN=localhost"])
        guard made.status == 0 else { throw TestFailure(made.error) }
        var options = TalonServer.Options()
        options.environment = ["PROBE_DIR": directory.path, "PYTHONDONTWRITEBYTECODE": "1"]
        let server = try TalonServer(
            [application, "-w", "\(workers)", "--certfile", certificate, "--keyfile", key]
                + ["--http-protocols", protocols] + arguments, in: directory, options: options)
        let http2 = HTTP2Server(server: server)
        try withLog(of: server) {
            try server.waitForWorkers(workers)
            try eventually("the server answers") { try http2.curl("/").output == answers }
            try body(http2)
        }
    }

    /// Asks by HTTP/2, and prints the body.
    func curl(_ target: String, _ arguments: String...) throws -> CommandResult {
        try run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--insecure", "--http2", "--max-time", "30"] + arguments
                + ["https://127.0.0.1:\(server.port)\(target)"])
    }

    /// "2 200": the version of HTTP and the status.
    func status(_ target: String, _ arguments: String...) throws -> String {
        try run(
            "/usr/bin/curl",
            ["--silent", "--insecure", "--http2", "--max-time", "30", "-o", "/dev/null"]
                + ["-w", "%{http_version} %{response_code}"] + arguments
                + ["https://127.0.0.1:\(server.port)\(target)"]
        ).output
    }

    /// What h2load says of its requests.
    struct LoadResult {
        let started: Int
        let succeeded: Int

        init?(_ output: String) {
            guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("requests:") }) else {
                return nil
            }
            let words = line.split(separator: " ")
            func number(_ name: String) -> Int? {
                words.firstIndex { $0.hasPrefix(name) }.flatMap { $0 > 0 ? Int(words[$0 - 1]) : nil }
            }
            guard let started = number("started"), let succeeded = number("succeeded") else { return nil }
            (self.started, self.succeeded) = (started, succeeded)
        }
    }

    /// So many requests by three connections, twenty at a time on each.
    func load(_ count: Int, _ target: String = "/") throws -> LoadResult {
        let result = try run("/usr/bin/h2load", loadWords(count, target), within: .seconds(60))
        guard let loaded = LoadResult(result.output) else { throw TestFailure("h2load: \(result.output)") }
        return loaded
    }

    func loadWords(_ count: Int, _ target: String = "/") -> [String] {
        ["-n", "\(count)", "-c", "3", "-m", "20", "https://127.0.0.1:\(server.port)\(target)"]
    }

    /// The lines that the fixture http2_client.py prints.
    func client(_ command: String, _ argument: String = "") throws -> [String] {
        let words = try clientWords(command, argument)
        let result = try run(words[0], Array(words.dropFirst()), within: .seconds(60))
        guard result.status == 0 else { throw TestFailure("\(command): \(result.output)\(result.error)") }
        return result.output.split(separator: "\n").map(String.init)
    }

    func clientWords(_ command: String, _ argument: String = "") throws -> [String] {
        [try TestEnvironment.python(), "\(Apps.folder)/http2_client.py", "\(server.port)", command, argument]
    }
}
