import TalonTesting

/// A server with TLS and its certificates.
struct SecureServer {
    let server: TalonServer
    let certificates: Certificates

    /// Runs the body when the server answers.
    static func serving(
        _ arguments: [String] = [], workers: Int = 1, with given: Certificates? = nil,
        _ body: (SecureServer) throws -> Void
    ) throws {
        let certificates = try given ?? Certificates(in: TemporaryDirectory())
        let directory = certificates.directory
        try directory.copy(fixture: "apps/secure.py", as: "app.py")
        var options = TalonServer.Options()
        let port = try FreePort.any()
        options.port = port
        let files = ["--certfile", certificates.certificate("server"), "--keyfile", certificates.key("server")]
        let server = try TalonServer(
            ["app:app", "-w", "\(workers)", "-b", "127.0.0.1:\(port)"] + files + arguments, in: directory,
            options: options)
        let secure = SecureServer(server: server, certificates: certificates)
        try withLog(of: server) {
            try server.waitForWorkers(workers)
            // Whether or not it lets this client in, a worker has shaken hands with it.
            try eventually("the server speaks TLS") { try secure.curl("/").status != 7 }
            try body(secure)
        }
    }

    /// Asks the application's port; 0 for an answer below 400.
    func curl(_ target: String, _ arguments: [String] = [], scheme: String = "https") throws -> CommandResult {
        try run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--fail-with-body", "--max-time", "30"]
                + ["--cacert", certificates.certificate("ca")] + arguments
                + ["\(scheme)://127.0.0.1:\(server.port)\(target)"])
    }

    /// What the fixture tls_client.py prints, without the last line end.
    func client(_ command: String, _ argument: String = "") throws -> String {
        let words = clientWords(command, argument)
        let result = try run(words[0], Array(words.dropFirst()), within: .seconds(120))
        guard result.status == 0 else { throw TestFailure("\(command): \(result.error)") }
        return String(result.output.dropLast())
    }

    func clientWords(_ command: String, _ argument: String) -> [String] {
        [
            "/usr/bin/python3", Repository.fixture("tls_client.py"), command, "\(server.port)",
            certificates.certificate("ca"), argument,
        ]
    }
}
