import TalonTesting
import Testing

/// What reaches the application of what a proxy, or an old client, sends.
@Suite(.serialized) struct `The environ of a request` {
    private func lines(_ server: TalonServer, _ request: String) throws -> (status: Int?, lines: Set<String>) {
        let answer = try server.exchange(request)
        return (answer.status, Set(answer.text.split(whereSeparator: \.isNewline).map(String.init)))
    }

    private func get(_ fields: String) -> String {
        "GET /a/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(fields)\r\n"
    }

    @Test func `has the scheme and the script's name that a trusted proxy tells`() throws {
        try serve("environ:app") { server throws in
            let told = try lines(server, get("X-Forwarded-Proto: https\r\nSCRIPT_NAME: /a\r\nX_OTHER: 1\r\n"))
            #expect(
                told.lines.isSuperset(of: ["wsgi.url_scheme\tstr\thttps", "SCRIPT_NAME\tstr\t/a", "PATH_INFO\tstr\t/b"])
            )
            #expect(!told.lines.contains { $0.hasPrefix("HTTP_X_OTHER") })
            let plain = try lines(server, get(""))
            #expect(plain.lines.contains("wsgi.url_scheme\tstr\thttp"))
            let contradiction = try lines(server, get("X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n"))
            #expect(contradiction.status == 400)
        }
    }

    @Test(arguments: [["--forwarded-allow-ips", "192.0.2.0/24"], ["--forwarded-allow-ips="]])
    func `has nothing of what anybody else tells`(options: [String]) throws {
        try serve("environ:app", options) { server throws in
            let told = try lines(server, get("X-Forwarded-Proto: https\r\nSCRIPT_NAME: /a\r\n"))
            #expect(
                told.lines.isSuperset(of: ["wsgi.url_scheme\tstr\thttp", "SCRIPT_NAME\tstr\t", "PATH_INFO\tstr\t/a/b"]))
        }
    }

    @Test func `goes by the headers that the settings name`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("secure_scheme_headers: {X-Scheme: tls}\nforwarded_allow_ips: '*'\n", to: "talon.yaml")
        try serve("environ:app", ["--forwarder-headers", "X_OTHER"], directory: directory) { server throws in
            let told = try lines(server, get("X-Scheme: tls\r\nX-Forwarded-Proto: http\r\nX_OTHER: 1\r\n"))
            #expect(told.lines.isSuperset(of: ["wsgi.url_scheme\tstr\thttps", "HTTP_X_OTHER\tstr\t1"]))
        }
    }

    @Test func `is that of a lenient server with gunicorn's flags`() throws {
        let flags = [
            "--permit-obsolete-folding", "--strip-header-spaces", "--permit-unconventional-http-method",
            "--permit-unconventional-http-version", "--casefold-http-method",
        ]
        let request = "purgeall /x HTTP/2.0\r\nHost : h\r\nConnection: close\r\nX-Long: a\r\n b\r\n\r\n"
        try serve("environ:app", flags) { server throws in
            let got = try lines(server, request)
            #expect(got.status == 200)
            #expect(
                got.lines.isSuperset(of: [
                    "REQUEST_METHOD\tstr\tPURGEALL", "SERVER_PROTOCOL\tstr\tHTTP/2.0", "HTTP_X_LONG\tstr\ta   b",
                ]), "\(got.lines)")
        }
        try serve("environ:app") { server throws in
            #expect(try lines(server, request).status == 400)
        }
    }
}
