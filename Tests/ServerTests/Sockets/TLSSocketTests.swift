import Glibc
import TalonTesting
import Testing

/// One application thread, and several.
let bothKinds: [[String]] = [[], ["--threads", "4"]]

@Suite(.serialized, .timeLimit(.minutes(5))) struct `A server with certfile and keyfile` {
    @Test(arguments: bothKinds)
    func `serves https by TLS 1.2 and 1.3, and older versions not`(kind: [String]) throws {
        try SecureServer.serving(kind) { secure throws in
            for version in [["--tls-max", "1.2"], ["--tlsv1.3"]] {
                let page = try secure.curl("/", version)
                #expect(page.status == 0 && page.output.hasPrefix("wsgi.url_scheme=https\n"), "\(page.error)")
                #expect(page.output.contains("REMOTE_ADDR=127.0.0.1\n") && !page.output.contains("HTTPS="))
            }
            let old = try secure.curl("/", ["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0"])
            #expect(old.status == 35, "\(old.error)")
            #expect(secure.server.log.contains("Listening at: https://127.0.0.1:\(secure.server.port)"))
        }
    }

    @Test(arguments: bothKinds)
    func `takes in and sends 100 MB, keeps connections, and answers pipelined requests in order`(
        kind: [String]
    ) throws {
        try SecureServer.serving(kind + ["--timeout", "120"]) { secure throws in
            #expect(try secure.client("bulk") == "104857600\n104857600\nTrue")
            #expect(try secure.client("pipeline") == "notified True")
        }
    }

    @Test(arguments: bothKinds)
    func `encrypts a file of wsgi.file_wrapper, which the kernel alone could not send`(kind: [String]) throws {
        try SecureServer.serving(kind) { secure throws in
            let directory = secure.certificates.directory
            let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
            try directory.write(bytes, to: "file")
            let page = try secure.curl("/file", ["-o", directory.file("received"), "-D", directory.file("head")])
            #expect(page.status == 0, "\(page.error)")
            #expect(try run("/usr/bin/cmp", [directory.file("file"), directory.file("received")]).status == 0)
            // A CR and an LF are one character of a String: the head is one line.
            #expect(directory.lines("head").joined().lowercased().contains("content-length: 3000001"))
        }
    }

    @Test(arguments: bothKinds)
    func `tells the end of a connection (RFC 8446 §6.1), and not where a response was broken off`(
        kind: [String]
    ) throws {
        try SecureServer.serving(kind) { secure throws in
            #expect(try secure.client("close") == "notified True")
            let broken = try secure.client("broken")
            #expect(broken == "ragged True" || broken == "reset True", "\(broken)")
        }
    }

    @Test func `chooses http/1.1 of what a client offers by ALPN, and refuses who knows only others (RFC 7301 §3.2)`()
        throws
    {
        try SecureServer.serving { secure throws in
            #expect(try secure.client("protocol", "h2,http/1.1") == "http/1.1")
            #expect(try secure.client("protocol", "h2").contains("no application protocol"))
        }
    }

    @Test(arguments: bothKinds)
    func `answers 400 to HTTP in clear, counts failed handshakes, and lives on`(kind: [String]) throws {
        try SecureServer.serving(kind + ["--log-level", "debug"]) { secure throws in
            let server = secure.server
            let worker = server.workerPids()
            let clear = try secure.curl("/", scheme: "http")
            #expect(clear.output.contains("The plain HTTP request was sent to an HTTPS port"), "\(clear.error)")
            #expect(try secure.curl("/", ["-o", "/dev/null", "-w", "%{http_code}"], scheme: "http").output == "400")
            let garbage = try HTTPConnection(server.endpoint)
            try garbage.send([UInt8](repeating: 0xff, count: 300))
            try server.waitForLog("No TLS with ip=127.0.0.1")
            #expect(try secure.curl("/").status == 0)
            #expect(server.workerPids() == worker)
            try eventually("three are counted") {
                try server.metrics().sum("gunicorn_worker_error_handling_total", ["error_type": "SSLError"]) >= 3
            }
        }
    }

    @Test func `is not kept from others by those who begin a handshake and fall silent`() throws {
        try SecureServer.serving { secure throws in
            let silent = try (0..<50).map { number in
                let connection = try HTTPConnection(secure.server.endpoint)
                if number % 2 == 0 { try connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
                return connection
            }
            #expect(try secure.curl("/").status == 0)
            for connection in silent { #expect(connection.isClosedByServer(within: .seconds(60))) }
            // And none holds up a stop.
            let last = try HTTPConnection(secure.server.endpoint)
            try last.send([0x16, 0x03])
            secure.server.signal(SIGTERM)
            #expect(try secure.server.waitForExit(within: .seconds(10)) == .exited(0))
        }
    }

    @Test func `speaks TLS on a unix socket too`() throws {
        let folder = try TemporaryDirectory()
        let socket = folder.file("s")
        try SecureServer.serving(["-b", "unix:\(socket)"]) { secure throws in
            let page = try secure.curl("/", ["--unix-socket", socket])
            #expect(page.status == 0 && page.output.hasPrefix("wsgi.url_scheme=https\n"), "\(page.error)")
        }
    }

    @Test func `offers the ciphers of the setting`() throws {
        try SecureServer.serving(["--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"]) { secure throws in
            let allowed = ["--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"]
            #expect(try secure.curl("/", allowed).status == 0)
            #expect(
                try secure.curl("/", ["--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"]).status == 35)
        }
    }

    @Test(arguments: [("1", true), ("2", false)])
    func `asks for client certificates by cert_reqs, and lets in only whom ca_certs has signed`(
        requires: String, letsInWithout: Bool
    ) throws {
        let directory = try TemporaryDirectory()
        let certificates = try Certificates(in: directory)
        let options = ["--cert-reqs", requires, "--ca-certs", certificates.certificate("ca")]
        try SecureServer.serving(options, with: certificates) { secure throws in
            func ask(_ client: String?, _ version: String) throws -> Int32 {
                let pair = client.map { ["--cert", certificates.certificate($0), "--key", certificates.key($0)] } ?? []
                return try secure.curl("/", ["--tls-max", version] + pair).status
            }
            for version in ["1.2", "1.3"] {
                #expect(try ask("client", version) == 0, "\(version)")
                #expect(try (ask(nil, version) == 0) == letsInWithout, "\(version)")
                #expect(try ask("stranger", version) != 0, "\(version)")
            }
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct `Certificates at a reload by HUP` {
    @Test(arguments: bothKinds) func `are read anew, and no request fails`(kind: [String]) throws {
        try SecureServer.serving(kind, workers: 2) { secure throws in
            let server = secure.server
            let stop = server.directory.file("stop")
            let words = secure.clientWords("load", stop)
            var launch = Launch(words[0], Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"])
            launch.output = server.directory.file("load.out")
            launch.error = server.directory.file("load.err")
            let load = try SpawnedProcess(launch)
            for _ in 0..<3 {
                let before = Set(server.workerPids())
                try secure.certificates.sign("server", by: "ca")
                server.signal(SIGHUP)
                try eventually("only new workers are left") {
                    server.workers().count == 2 && before.isDisjoint(with: server.workerPids())
                }
            }
            try server.directory.write("", to: "stop")
            #expect(try load.wait(within: .seconds(60)) == .exited(0), "\(server.directory.text("load.err") ?? "")")
            let told = server.directory.text("load.out") ?? ""
            #expect(told.contains(#""failures": []"#), "\(told)")
            let serials = told.split(separator: "[").last?.split(separator: ",").count ?? 0
            #expect(serials >= 3, "\(told)")
        }
    }

    @Test func `that are broken refuse it, and the workers go on with those they have`() throws {
        try SecureServer.serving { secure throws in
            let (server, certificates) = (secure.server, secure.certificates)
            let before = server.workerPids()
            let good = try Files.bytes(certificates.key("server"))
            try Files.write(try Files.bytes(certificates.key("client")), to: certificates.key("server"))
            server.signal(SIGHUP)
            try server.waitForLog("Reload refused: certfile and keyfile do not match: ")
            #expect(server.workerPids() == before)
            #expect(try secure.curl("/").status == 0)
            try Files.write(good, to: certificates.key("server"))
            server.signal(SIGHUP)
            try eventually("a new worker serves") {
                server.workers().count == 1 && Set(before).isDisjoint(with: server.workerPids())
            }
            #expect(try secure.curl("/").status == 0)
        }
    }
}

@Suite(.serialized) struct `The TLS library` {
    private func libraries(_ server: TalonServer) throws -> String {
        let pid = try #require(server.workerPids().first)
        return Files.text("/proc/\(pid)/maps") ?? ""
    }

    @Test func `is loaded in workers with certfile, and in no others`() throws {
        let directory = try directory(answering: "ok")
        try serving("app:app", in: directory) { server throws in
            let maps = try libraries(server)
            #expect(maps.contains("libTalonWorker.so"))
            #expect(!maps.contains("libTalonTLS.so") && !maps.contains("libssl"))
        }
        try SecureServer.serving { secure throws in
            let maps = try libraries(secure.server)
            #expect(maps.contains("libTalonTLS.so") && maps.contains("libssl"))
        }
    }
}

@Suite(.serialized) struct `The settings of TLS` {
    @Test func `may be words of Python's ssl in a gunicorn.conf.py, and ssl_version has no effect, as with gunicorn`()
        throws
    {
        let certificates = try Certificates(in: directory(answering: "ok"))
        try certificates.directory.write(
            """
            import ssl
            certfile, keyfile, ca_certs = "server.pem", "server.key", "ca.pem"
            cert_reqs = ssl.CERT_REQUIRED
            ssl_version = ssl.PROTOCOL_TLS_SERVER
            """, to: "gunicorn.conf.py")
        let checked = try talon("check", "app:app", in: certificates.directory)
        #expect(checked.end == .exited(0), "\(checked.output)\(checked.error)")
        for verdict in [#"same +certfile = server.pem"#, "same +cert_reqs = 2", "no effect +ssl_version = 17"] {
            #expect(try checked.output.contains(Regex(verdict)), "\(verdict)\n\(checked.output)")
        }
    }
}

@Suite(.serialized) struct `A start with a certfile that cannot be used` {
    /// Options and the sentence. FOLDER stands for the test's folder.
    @Test(
        arguments: [
            (["--keyfile", "server.key"], "keyfile: 'FOLDER/server.key' is the key of no certificate"),
            (["--certfile", "absent.pem"], "certfile cannot be used: FOLDER/absent.pem: No such file or directory"),
            (
                ["--certfile", "server.pem"],
                "the key in certfile, without keyfile, cannot be used: FOLDER/server.pem: "
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "absent.key"],
                "keyfile cannot be used: FOLDER/absent.key: No such file or directory"
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "client.key"],
                "certfile and keyfile do not match: FOLDER/server.pem, FOLDER/client.key"
            ),
            (
                ["--certfile", "app.py", "--keyfile", "server.key"],
                "certfile cannot be used: FOLDER/app.py: no start line"
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "locked.key"],
                "keyfile cannot be used: FOLDER/locked.key: "
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "server.key", "--ciphers", "NONSENSE"],
                "ciphers cannot be used: 'NONSENSE': no cipher match"
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "server.key", "--cert-reqs", "2"],
                "cert_reqs: client certificates are asked for, and nobody may have signed them; set ca_certs"
            ),
            (
                ["--certfile", "server.pem", "--keyfile", "server.key", "--cert-reqs", "1", "--ca-certs", "no.pem"],
                "ca_certs cannot be used: FOLDER/no.pem: No such file or directory"
            ),
        ] as [([String], String)])
    func `is refused with status 1 and a sentence, by --check-config and by talon check too`(
        options: [String], message: String
    ) throws {
        let directory = try directory(answering: "ok")
        let certificates = try Certificates(in: directory)
        _ = try run(
            "/usr/bin/openssl",
            [
                "ec", "-in", certificates.key("server"), "-aes128", "-passout", "pass:secret", "-out",
                directory.file("locked.key"),
            ])
        let words = options.map { Files.exists(directory.file($0)) || $0.contains(".") ? directory.file($0) : $0 }
        let sentence = message.split(separator: "FOLDER", omittingEmptySubsequences: false).joined(
            separator: directory.path)
        let server = try TalonServer(["app:app"] + words, in: directory)
        #expect(try server.waitForExit() == .exited(1))
        #expect(server.log.contains("talon: ") && server.log.contains(sentence), "\(server.log)")
        #expect(!server.log.contains("Listening at"))
        let environment = ["PATH": "/usr/bin:/bin", "XDG_STATE_HOME": directory.file("state")]
        let binary = try TestEnvironment.binary()
        let tried = try run(
            binary, ["app:app", "--check-config"] + words, environment: environment, directory: directory.path)
        #expect(tried.end == .exited(1) && tried.error.contains(sentence), "\(tried.error)")
        let checked = try run(
            binary, ["check", "app:app"] + words, environment: environment, directory: directory.path)
        #expect(checked.end == .exited(1), "\(checked.output)\(checked.error)")
        #expect((checked.output + checked.error).contains(sentence), "\(checked.output)\(checked.error)")
    }
}
