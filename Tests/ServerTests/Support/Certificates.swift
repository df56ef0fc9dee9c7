import TalonTesting

/// Certificates for a test, made by openssl: two authorities, and what they have signed.
struct Certificates {
    let directory: TemporaryDirectory

    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        for authority in ["ca", "other-ca"] {
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", key(authority), "-out", certificate(authority), "-subj", "/CN=\(authority)")
        }
        try sign("server", by: "ca")
        try sign("client", by: "ca")
        try sign("stranger", by: "other-ca")
    }

    func certificate(_ name: String) -> String { directory.file("\(name).pem") }
    func key(_ name: String) -> String { directory.file("\(name).key") }

    /// Makes a new pair, or makes it anew, for the name localhost and 127.0.0.1.
    func sign(_ name: String, by authority: String) throws {
        try openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key(name), "-out", directory.file("\(name).csr"), "-subj", "/CN=\(name)")
        try directory.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: "\(name).ext")
        try openssl(
            "x509", "-req", "-days", "2", "-in", directory.file("\(name).csr"), "-CA", certificate(authority),
            "-CAkey", key(authority), "-extfile", directory.file("\(name).ext"),
            "-set_serial", "\(UInt32.random(in: 1...UInt32.max))", "-out", certificate(name))
    }

    private func openssl(_ arguments: String...) throws {
        let result = try run("/usr/bin/openssl", arguments)
        guard result.status == 0 else {
            throw TestFailure("openssl \(arguments.joined(separator: " ")): \(result.error)")
        }
    }

    /// What the server is told: its pair.
    var environment: [String: String] {
        ["PROMETHEUS_SSL_CERTFILE": certificate("server"), "PROMETHEUS_SSL_KEYFILE": key("server")]
    }
}

extension TalonServer {
    /// Asks the metrics port by curl, which exits with 0 only for an answer below 400; what it prints is the answer.
    func curl(_ target: String = "/metrics", scheme: String = "https", _ arguments: String...) throws -> CommandResult {
        try run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--fail", "--max-time", "30"] + arguments
                + ["\(scheme)://127.0.0.1:\(metricsPort)\(target)"])
    }
}
