import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The metrics port with a certificate` {
    private func serve(
        asking: Bool = false, _ body: (TalonServer, Certificates) throws -> Void
    ) throws {
        let directory = try applicationDirectory()
        let certificates = try Certificates(in: directory)
        var options = TalonServer.Options()
        options.environment = certificates.environment
        if asking {
            options.environment["PROMETHEUS_SSL_CLIENT_CAFILE"] = certificates.certificate("ca")
            options.environment["PROMETHEUS_SSL_CLIENT_AUTH_REQUIRED"] = "true"
        }
        try starting("app:app", in: directory, options: options) { server throws in
            try server.waitForLog("Metrics server started successfully")
            try server.waitUntilAnswers()
            try body(server, certificates)
        }
    }

    @Test func `is scraped over TLS 1.2 and 1.3, and refuses older versions and clear text`() throws {
        try serve { server, certificates throws in
            let trust = ["--cacert", certificates.certificate("ca")]
            let page = try server.curl("/metrics", "--cacert", trust[1])
            #expect(page.status == 0 && page.output.contains("talon_worker_info"), "\(page.error)")
            #expect(try server.curl("/metrics", "--cacert", trust[1], "--tls-max", "1.2").status == 0)
            #expect(try server.curl("/metrics", "--cacert", trust[1], "--tlsv1.3").status == 0)
            // OpenSSL of the client itself is told to allow the old versions.
            let old = try server.curl(
                "/metrics", "--cacert", trust[1], "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0")
            #expect(old.status == 35, "\(old.error)")
            let clear = try server.curl("/metrics", scheme: "http")
            #expect(clear.status != 0 && clear.output.isEmpty)
            // Who does not know the authority goes away.
            #expect(try server.curl("/metrics").status == 60)
            #expect(try server.curl("/metrics", "--cacert", certificates.certificate("other-ca")).status == 60)
        }
    }

    @Test func `asks for a client's certificate when told to, and lets in only whom its authority knows`() throws {
        try serve(asking: true) { server, certificates throws in
            func scrape(_ client: String?, _ version: String) throws -> Int32 {
                let trust = certificates.certificate("ca")
                guard let client else {
                    return try server.curl("/metrics", "--cacert", trust, "--tls-max", version).status
                }
                return try server.curl(
                    "/metrics", "--cacert", trust, "--tls-max", version, "--cert", certificates.certificate(client),
                    "--key", certificates.key(client)
                ).status
            }
            for version in ["1.2", "1.3"] {
                #expect(try scrape("client", version) == 0, "\(version)")
                #expect(try scrape(nil, version) != 0, "\(version)")
                #expect(try scrape("stranger", version) != 0, "\(version)")
            }
        }
    }

    @Test func `takes new files for new connections, and keeps what it has when they are bad`() throws {
        try serve { server, certificates throws in
            let trust = certificates.certificate("ca")
            func serial() throws -> String {
                let told = try run(
                    "/bin/sh",
                    [
                        "-c",
                        "openssl s_client -connect 127.0.0.1:\(server.metricsPort) </dev/null 2>/dev/null"
                            + " | openssl x509 -noout -serial",
                    ])
                return told.output
            }
            let kept = try server.exporter().pid
            let first = try serial()
            #expect(first.hasPrefix("serial="))
            try certificates.sign("server", by: "ca")
            let second = try eventually("the new certificate is shown") {
                let now = try serial()
                return now == first ? nil : now
            }
            // A key of another certificate.
            let good = try Files.bytes(certificates.key("server"))
            try Files.write(try Files.bytes(certificates.key("client")), to: certificates.key("server"))
            try server.waitForLog("do not match")
            for _ in 0..<3 { #expect(try serial() == second) }
            #expect(try server.curl("/metrics", "--cacert", trust).status == 0)
            #expect(server.logLines.count { $0.contains("do not match") } == 1)
            try Files.write(good, to: certificates.key("server"))
            try certificates.sign("server", by: "ca")
            try eventually("the third certificate is shown") { try serial() != second }
            #expect(try server.exporter().pid == kept)
        }
    }

    @Test func `is not kept from others by those who begin a handshake and fall silent`() throws {
        try serve { server, certificates throws in
            let endpoint = Endpoint.tcp("127.0.0.1", server.metricsPort)
            let silent = try (0..<50).map { number in
                let connection = try HTTPConnection(endpoint)
                // The beginning of a ClientHello, or nothing at all.
                if number % 2 == 0 { try connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
                return connection
            }
            #expect(try server.curl("/metrics", "--cacert", certificates.certificate("ca")).status == 0)
            for connection in silent { #expect(connection.isClosedByServer(within: .seconds(30))) }
        }
    }
}

@Suite(.serialized) struct `A start with certificates that cannot be used` {
    /// Variables by what they are set to, and what the start is refused with. FOLDER stands for the test's folder.
    @Test(
        arguments: [
            (["CERTFILE": "server.pem"], "SSL key file required when certificate is provided"),
            (["KEYFILE": "server.key"], "SSL certificate file required when key is provided"),
            (["CERTFILE": "absent.pem", "KEYFILE": "server.key"], "SSL certificate file not found: FOLDER/absent.pem"),
            (["CERTFILE": "server.pem", "KEYFILE": "absent.key"], "SSL key file not found: FOLDER/absent.key"),
            (
                ["CERTFILE": "a.pem", "KEYFILE": "b.key"],
                "SSL certificate file not found: FOLDER/a.pem, SSL key file not found: FOLDER/b.key"
            ),
            (
                ["CERTFILE": "server.pem", "KEYFILE": "client.key"],
                "SSL certificate and key do not match: FOLDER/server.pem, FOLDER/client.key"
            ),
            (
                ["CERTFILE": "server.key", "KEYFILE": "server.key"],
                "SSL certificate file cannot be used: FOLDER/server.key"
            ),
            (["CERTFILE": "server.pem", "KEYFILE": "locked.key"], "SSL key file cannot be used: FOLDER/locked.key"),
            (
                ["CERTFILE": "server.pem", "KEYFILE": "server.key", "CLIENT_CAFILE": "no.pem"],
                "SSL client CA file not found: FOLDER/no.pem"
            ),
            (
                ["CERTFILE": "server.pem", "KEYFILE": "server.key", "CLIENT_CAPATH": "no"],
                "SSL client CA folder not found: FOLDER/no"
            ),
            (
                ["CERTFILE": "server.pem", "KEYFILE": "server.key", "CLIENT_CAFILE": "app.py"],
                "SSL client CA cannot be used: FOLDER/app.py"
            ),
            (
                ["CLIENT_AUTH_REQUIRED": "true"],
                "client certificates are asked for (PROMETHEUS_SSL_CLIENT_…) and there is no TLS"
            ),
        ] as [([String: String], String)])
    func `is refused with status 1, the old exporter's sentence, and nothing bound`(
        variables: [String: String], message: String
    ) throws {
        let directory = try applicationDirectory()
        let certificates = try Certificates(in: directory)
        _ = try run(
            "/usr/bin/openssl",
            [
                "ec", "-in", certificates.key("server"), "-aes128", "-passout", "pass:secret", "-out",
                directory.file("locked.key"),
            ])
        var options = TalonServer.Options()
        for (name, value) in variables {
            options.environment["PROMETHEUS_SSL_\(name)"] = value == "true" ? value : directory.file(value)
        }
        let server = try TalonServer(["app:app"], in: directory, options: options)
        #expect(try server.waitForExit() == .exited(1))
        let sentence = message.split(separator: "FOLDER", omittingEmptySubsequences: false).joined(
            separator: directory.path)
        let wanted = "talon: Configuration validation failed: \(sentence)"
        #expect(server.log.contains(wanted), "\(server.log)")
        #expect(!server.log.contains("Listening at"))
    }

    @Test func `is none without metrics`() throws {
        let directory = try applicationDirectory()
        var options = TalonServer.Options()
        options.environment["PROMETHEUS_SSL_CERTFILE"] = "/nowhere"
        try serving("app:app", "--no-metrics", in: directory, options: options) { server throws in
            #expect(try server.client.get("/").text == "ok")
        }
    }
}
