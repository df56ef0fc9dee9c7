import Testing

@testable import TalonPlatform

@Suite struct `An address to listen on` {
    @Test(
        arguments: [
            ("127.0.0.1:8000", .tcp(host: "127.0.0.1", port: 8000)), ("127.0.0.1", .tcp(host: "127.0.0.1", port: 8000)),
            ("localhost:80", .tcp(host: "localhost", port: 80)), (":8080", .tcp(host: "", port: 8080)),
            ("", .tcp(host: "", port: 8000)), ("*:8080", .tcp(host: "", port: 8080)), ("*", .tcp(host: "", port: 8000)),
            ("[::1]:81", .tcp(host: "::1", port: 81)), ("[::]", .tcp(host: "::", port: 8000)),
            ("[fe80::1%eth0]:1", .tcp(host: "fe80::1%eth0", port: 1)), ("h:0", .tcp(host: "h", port: 0)),
            ("h:65535", .tcp(host: "h", port: 65535)), ("h:00080", .tcp(host: "h", port: 80)),
            ("tcp://h:81", .tcp(host: "h", port: 81)), ("tcp://[::1]:81", .tcp(host: "::1", port: 81)),
            ("unix:/run/a.sock", .unix(path: "/run/a.sock")), ("unix:a.sock", .unix(path: "a.sock")),
            ("unix:///run/a.sock", .unix(path: "/run/a.sock")), ("unix://a.sock", .unix(path: "a.sock")),
            ("unix:/run/with space:80", .unix(path: "/run/with space:80")),
            ("unix:" + String(repeating: "x", count: 107), .unix(path: String(repeating: "x", count: 107))),
        ] as [(String, ListenAddress)])
    func `is read`(text: String, address: ListenAddress) {
        #expect(ListenAddress(text) == address)
    }

    @Test(
        arguments: [
            "h:", "h:x", "h:65536", "h:-1", "h:+1", "h: 80", "h:8 0", "h:80:90", "h:80 ", "::1", "::1:80", "[::1",
            "[::1]80", "[::1]x", "[]:80", "[]", "]:80:", "h h:80", " h:80", "h\n:80", "/run/a.sock", "./a.sock",
            "http://h:80", "h/:80", "unix:", "unix://", "unix:a\u{0}b", "tcp://h:", "99999999999999999999:1:2",
            "h:٣", "unix:" + String(repeating: "x", count: 108),
        ])
    func `is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        arguments: [
            (.tcp(host: "127.0.0.1", port: 80), "http://127.0.0.1:80", "('127.0.0.1', 80)"),
            (.tcp(host: "::1", port: 80), "http://[::1]:80", "('::1', 80)"),
            (.unix(path: "/run/a.sock"), "unix:/run/a.sock", "/run/a.sock"),
        ] as [(ListenAddress, String, String)])
    func `is written as gunicorn does`(address: ListenAddress, shown: String, inErrors: String) {
        #expect(address.description == shown)
        #expect(address.inErrors == inErrors)
    }
}

@Suite struct `A wait before another try` {
    @Test(
        arguments: [
            (Int.min, 100), (-1, 100), (0, 100), (1, 200), (2, 400), (3, 800), (4, 1600), (5, 3200), (6, 6400),
            (7, 12800), (8, 25600), (9, 30000), (10, 30000), (20, 30000), (21, 30000), (64, 30000), (.max, 30000),
        ] as [(Int, UInt64)])
    func `doubles with each failure, up to half a minute`(failures: Int, milliseconds: UInt64) {
        #expect(BackOff.delay(failures: failures) == milliseconds * 1_000_000)
    }
}
