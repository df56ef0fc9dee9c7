import TalonTesting
import Testing

@Suite(.serialized) struct `A connection that a proxy has made for a client` {
    private static let v2: [UInt8] =
        [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12]
        + [203, 0, 113, 9, 198, 51, 100, 7, 0xdd, 0xd5, 0x01, 0xbb]
    private static let v1 = Array("PROXY TCP6 2001:DB8::1 2001:db8::2 56789 443\r\n".utf8)

    private static func shown(_ address: String, _ port: Int, _ family: String, _ destination: String) -> String {
        "REMOTE_ADDR=\(address)\nREMOTE_PORT=\(port)\nPROXY_PROTOCOL=\(family)\nPROXY_ADDR=\(destination)\nPROXY_PORT=443\n"
    }
    private static let shownV2 = shown("203.0.113.9", 56789, "TCP4", "198.51.100.7")
    private static let shownV1 = shown("2001:db8::1", 56789, "TCP6", "2001:db8::2")

    private func serve(_ arguments: [String], _ body: (TalonServer) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        try directory.copy(fixture: "apps/secure.py", as: "app.py")
        let server = try TalonServer(["app:app", "--access-logfile", "access.log"] + arguments, in: directory)
        try withLog(of: server) {
            try server.waitUntilReady()
            try body(server)
        }
    }

    private func ask(_ server: TalonServer, _ header: [UInt8], inPieces: Bool = false) throws -> HTTPResponse {
        let connection = try HTTPConnection(server.endpoint)
        if inPieces {
            for byte in header { try connection.send([byte]) }
        } else {
            try connection.send(header)
        }
        return try connection.get("/", headers: [("Connection", "close")])
    }

    @Test(arguments: bothKinds)
    func `has the client's address in the environ and in the access log, with v1 and v2 (haproxy's proxy-protocol.txt)`(
        kind: [String]
    ) throws {
        try serve(kind + ["--proxy-protocol"]) { server throws in
            for inPieces in [false, true] {
                #expect(try ask(server, Self.v1, inPieces: inPieces).text.hasSuffix(Self.shownV1))
                #expect(try ask(server, Self.v2, inPieces: inPieces).text.hasSuffix(Self.shownV2))
            }
            // Of a connection of its own the proxy says so, and gunicorn lets in without a word too.
            for header in [Array("PROXY UNKNOWN\r\n".utf8), []] {
                let text = try ask(server, header).text
                #expect(text.contains("REMOTE_ADDR=127.0.0.1\n") && !text.contains("PROXY_"), "\(text)")
            }
            try eventually("the access log has them") {
                let lines = server.directory.lines("access.log")
                return lines.count { $0.hasPrefix("203.0.113.9 ") } == 2
                    && lines.count { $0.hasPrefix("2001:db8::1 ") } == 2
            }
        }
    }

    @Test func `counts once for all its requests, and trust goes by the proxy's own address`() throws {
        try serve(["--proxy-protocol", "v2", "--forwarded-allow-ips", "127.0.0.1"]) { server throws in
            let connection = try HTTPConnection(server.endpoint)
            try connection.send(Self.v2)
            for _ in 0..<3 {
                let told = try connection.get("/", headers: [("X-Forwarded-Proto", "https")]).text
                #expect(told.hasPrefix("wsgi.url_scheme=https\n"))
                #expect(told.hasSuffix(Self.shownV2))
            }
            // A second header is the beginning of a bad request.
            try connection.send(Self.v2)
            #expect(try connection.get("/").status == 400)
        }
        try serve(["--proxy-protocol", "v2", "--forwarded-allow-ips", "203.0.113.9"]) { server throws in
            let connection = try HTTPConnection(server.endpoint)
            try connection.send(Self.v2)
            let told = try connection.get("/", headers: [("X-Forwarded-Proto", "https")]).text
            #expect(told.hasPrefix("wsgi.url_scheme=http\n"))
        }
    }

    @Test(
        arguments: [
            ("auto", "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", 400), ("auto", "PROXY TCP4 1.2.3.4\r\n", 400),
            ("v1", "PROXY NONSENSE\r\n", 400), ("off", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 400),
            ("v2", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 400),
        ])
    func `is refused with 400 if its header is malformed, or of a version that is not allowed`(
        mode: String, header: String, status: Int
    ) throws {
        try serve(["--proxy-protocol", mode]) { server throws in
            let response = try ask(server, Array(header.utf8))
            #expect(response.status == status)
            let error = mode == "auto" || mode == "v1" ? "InvalidProxyLine" : "InvalidRequestLine"
            try eventually("it is counted") {
                let page = try server.metrics()
                let counted = page.all("gunicorn_worker_error_handling_total").map { $0.labels["error_type"] }
                return counted.contains(error) || (mode != "auto" && mode != "v1" && !counted.isEmpty)
            }
        }
    }

    @Test func `is refused with 403 if it comes from a peer that may not say it`() throws {
        try serve(["--proxy-protocol", "--proxy-allow-from", "192.0.2.0/24"]) { server throws in
            for header in [Self.v1, Self.v2, Array("PROXY NONSENSE\r\n".utf8)] {
                let connection = try HTTPConnection(server.endpoint)
                try connection.send(header)
                #expect(try connection.receive().status == 403)
            }
            #expect(try ask(server, []).status == 200)
            try server.waitForLog("Invalid request from ip=127.0.0.1: A PROXY protocol header from a peer")
        }
    }

    @Test(arguments: bothKinds) func `begins with that header, and then with TLS`(kind: [String]) throws {
        try SecureServer.serving(kind + ["--proxy-protocol"]) { secure throws in
            func hex(_ bytes: [UInt8]) -> String {
                bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            #expect(
                try secure.client("proxied", hex(Self.v2)) == "notified\nwsgi.url_scheme=https\n" + Self.shownV2)
            #expect(
                try secure.client("proxied", hex(Self.v1)) == "notified\nwsgi.url_scheme=https\n" + Self.shownV1)
            #expect(try secure.curl("/").status == 0)
            #expect(try secure.curl("/", ["--haproxy-protocol"]).output.contains("PROXY_PROTOCOL=TCP4"))
            let malformed = try HTTPConnection(secure.server.endpoint)
            try malformed.send("PROXY NONSENSE\r\n")
            #expect(try malformed.receive().status == 400)
        }
    }
}
