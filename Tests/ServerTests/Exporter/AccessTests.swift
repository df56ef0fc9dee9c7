import Glibc
import TalonPlatform
import TalonTesting
import Testing

/// bcrypt of "correct", cost 5.
private let hash = "$2b$05$abcdefghijklmnopqrstuuSSgfZSwfwKPbBZRnD5O0VgRw2zVgiZC"

extension TalonServer {
    fileprivate func status(_ target: String, _ authorization: String? = nil) throws -> Int {
        try answer(target, authorization).status
    }

    fileprivate func answer(_ target: String, _ authorization: String? = nil) throws -> HTTPResponse {
        let fields = authorization.map { [("Authorization", $0)] } ?? []
        return try HTTPClient(.tcp("127.0.0.1", metricsPort)).get(target, headers: fields)
    }
}

private func basic(_ pair: String) -> String { "Basic " + Base64.encode(Array(pair.utf8)) }

@Suite(.serialized) struct `Who may see the metrics` {
    private func serve(
        web: String? = nil, token: String? = nil, _ body: (TalonServer) throws -> Void
    ) throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        if let web {
            options.environment["TALON_METRICS_WEB_CONFIG"] = try directory.write(Array(web.utf8), to: "web.yml")
        }
        if let token {
            options.environment["TALON_METRICS_BEARER_TOKEN_FILE"] = try directory.write(Array(token.utf8), to: "token")
        }
        try starting("app:app", in: directory, options: options) { server throws in
            try server.waitForLog("Metrics server started successfully")
            try server.waitUntilAnswers()
            try eventually("the server is ready") { try server.status("/readyz") == 200 }
            try body(server)
        }
    }

    @Test func `is who has a password, once users are named`() throws {
        try serve(web: "basic_auth_users:\n  alice: \(hash)\n") { server throws in
            for _ in 0..<2 {
                #expect(try server.status("/metrics", basic("alice:correct")) == 200)
                #expect(try server.status("/metrics", basic("alice:wrong")) == 401)
                #expect(try server.status("/metrics", basic("bob:correct")) == 401)
            }
            let nothings = [
                nil, "", "Basic", "Basic ", "Basic !!!", basic("alice"), "Bearer correct", "Digest alice:correct",
                "basic", basic(":"),
            ]
            for nothing in nothings { #expect(try server.status("/metrics", nothing) == 401, "\(nothing ?? "nil")") }
            let refusal = try server.answer("/metrics")
            #expect(refusal["www-authenticate"] == "Basic realm=\"Talon metrics\", charset=\"UTF-8\"")
            #expect(!refusal.text.contains("gunicorn"))
            for target in ["/", "/favicon.ico", "/any"] { #expect(try server.status(target) == 401, "\(target)") }
            for target in ["/healthz", "/health", "/readyz"] { #expect(try server.status(target) == 200, "\(target)") }
        }
    }

    @Test func `is who has the token, and a new token counts without a restart`() throws {
        try serve(token: "  s3cret-token\n") { server throws in
            #expect(try server.status("/metrics", "Bearer s3cret-token") == 200)
            #expect(try server.status("/metrics", "bearer s3cret-token") == 200)
            for wrong in [
                "Bearer s3cret-toke", "Bearer s3cret-token2", "Bearer", "s3cret-token", basic("s3cret-token:"),
            ] {
                #expect(try server.status("/metrics", wrong) == 401, "\(wrong)")
            }
            #expect(try server.answer("/metrics")["www-authenticate"] == "Bearer realm=\"Talon metrics\"")
            try server.directory.write("another\n", to: "token")
            try eventually("the new token counts") { try server.status("/metrics", "Bearer another") == 200 }
            #expect(try server.status("/metrics", "Bearer s3cret-token") == 401)
            // A file that cannot be used leaves the old one in force.
            try server.directory.write("", to: "token")
            try server.waitForLog("holds no token")
            #expect(try server.status("/metrics", "Bearer another") == 200)
            #expect(try server.status("/metrics") == 401)
        }
    }

    @Test func `is who has either, once both are there`() throws {
        try serve(web: "basic_auth_users: {alice: \(hash)}\n", token: "t") { server throws in
            #expect(try server.status("/metrics", "Bearer t") == 200)
            #expect(try server.status("/metrics", basic("alice:correct")) == 200)
            #expect(try server.answer("/metrics").all("www-authenticate").count == 2)
        }
    }

    @Test func `is not kept out by those who guess`() throws {
        // Each guess costs about a quarter of a second of a processor.
        let costly = "$2b$12$abcdefghijklmnopqrstuuxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"
        try serve(web: "basic_auth_users: {guessed: \(costly), alice: \(hash)}\n", token: "t") { server throws in
            #expect(try server.status("/metrics", basic("alice:correct")) == 200)
            let guesses = try (0..<40).map { number in
                let connection = try HTTPConnection(.tcp("127.0.0.1", server.metricsPort))
                try connection.sendHead("GET", "/metrics", headers: [("Authorization", basic("guessed:\(number)"))])
                return connection
            }
            #expect(try server.status("/metrics", "Bearer t") == 200)
            #expect(try server.status("/metrics", basic("alice:correct")) == 200)
            #expect(try server.status("/healthz") == 200)
            let answers = try guesses.map { try $0.receive(within: .seconds(60)).status }
            #expect(Set(answers).isSubset(of: [401, 503]), "\(answers)")
            #expect(answers.contains(401))
        }
    }

    @Test func `is served over the TLS that a web configuration file names`() throws {
        let directory = try applicationDirectory()
        let certificates = try Certificates(in: directory)
        try directory.write(
            """
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              min_version: TLS13
            basic_auth_users:
              alice: \(hash)

            """, to: "web.yml")
        try starting("app:app", "--metrics-web-config", "web.yml", in: directory) { server throws in
            try server.waitForLog("Metrics server started successfully")
            let trust = certificates.certificate("ca")
            #expect(try server.curl("/metrics", "--cacert", trust, "--user", "alice:correct").status == 0)
            #expect(try server.curl("/metrics", "--cacert", trust, "--user", "alice:wrong").status == 22)
            #expect(
                try server.curl("/metrics", "--cacert", trust, "--user", "alice:correct", "--tls-max", "1.2").status
                    == 35)
            #expect(try server.curl("/healthz", "--cacert", trust).output == "ok\n")
        }
    }

    @Test(arguments: [
        (
            "web.yml", "basic_auth_users:\n  alice: open-sesame\n",
            "web.yml:2: basic_auth_users.alice: is no hash of bcrypt"
        ),
        (
            "web.yml", "basic_auth_user: {}\n",
            "web.yml:1: basic_auth_user: is unknown: did you mean 'basic_auth_users'?"
        ),
        ("web.yml", "a: [", "web.yml:1: YAML:"),
        ("absent.yml", "", "absent.yml: No such file or directory"),
    ])
    func `is decided before the start, or there is none`(name: String, text: String, message: String) throws {
        let directory = try applicationDirectory()
        if !text.isEmpty { try directory.write(text, to: name) }
        let server = try TalonServer(["app:app", "--metrics-web-config", name], in: directory)
        #expect(try server.waitForExit() == .exited(1))
        #expect(server.log.contains("Configuration validation failed: "), "\(server.log)")
        #expect(server.log.contains(message), "\(server.log)")
        #expect(!server.log.contains("open-sesame") && !server.log.contains("Listening at"))
    }
}
