import TalonPlatform
import Testing

@testable import TalonExporter

@Suite struct `What a client accepts` {
    @Test(
        arguments: [
            (nil, "identity"),
            ("", "identity"),
            ("gzip", "gzip"),
            ("GZIP", "gzip"),
            ("x-gzip", "gzip"),
            ("gzip;q=0", "identity"),
            ("gzip;q=0.001", "gzip"),
            ("identity", "identity"),
            ("deflate, br", "identity"),
            ("*", "gzip"),
            ("*;q=0", "identity"),
            ("gzip;q=0, *", "identity"),
            ("zstd", "zstd"),
            ("gzip, zstd", "zstd"),
            ("zstd;q=0.5, gzip", "gzip"),
            ("zstd;q=0.5, gzip;q=0.5", "zstd"),
            ("gzip;q=0.5, identity", "identity"),
            ("gzip, identity", "gzip"),
            ("gzip ; q = 0.8 , zstd ;q=0.7", "gzip"),
            // Malformed elements do not count.
            ("gzip;q=2", "identity"),
            ("gzip;q=-1, zstd;q=x", "identity"),
            ("gzip;q=0.1234", "identity"),
            (";;;,,,", "identity"),
            ("gzip;q=0.2, gzip;q=0.9, zstd;q=0.5", "gzip"),
        ] as [(String?, String)])
    func `decides how a page is compressed`(field: String?, coding: String) {
        #expect(ContentCoding.negotiate(field).rawValue == coding)
    }

    @Test(
        arguments: [
            (nil, false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("text/html;q=0", false),
            ("text/plain, text/html", false),
            ("text/plain;q=0.5, text/html", true),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                false
            ),
        ] as [(String?, Bool)])
    func `decides between metrics and the page for people`(field: String?, isWanted: Bool) {
        #expect(LandingPage.isWanted(field) == isWanted)
    }

    @Test(
        arguments: [
            ("", []),
            ("name[]=a", ["a"]),
            ("name[]=a&name[]=b&x=c", ["a", "b"]),
            ("name%5B%5D=a%5fb", ["a_b"]),
            ("name[]=a+b&name[]", ["a b", ""]),
            ("name[]=%zz%4", ["%zz%4"]),
            ("name=a&&=&names[]=b", []),
            ("name[]=a=b", ["a=b"]),
            ("name[]=%ff", ["\u{fffd}"]),
        ] as [(String, [String])])
    func `is asked for by name`(query: String, names: [String]) {
        #expect(QueryText.values(of: "name[]", in: query) == names)
    }

    @Test(arguments: ContentCoding.allCases)
    func `is worth compressing only where it gets smaller`(coding: ContentCoding) {
        let small = coding.compress(Array("ok\n".utf8))
        #expect(small.bytes == Array("ok\n".utf8) && small.coding == .identity)
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(coding.compress(noise).coding == .identity)
        let page = Array(String(repeating: "gunicorn_worker_requests_total 1\n", count: 1000).utf8)
        let made = coding.compress(page)
        #expect(made.coding == coding)
        #expect(made.bytes.count < page.count || coding == .identity)
    }
}

@Suite struct `A server is ready` {
    @Test func `when a worker accepts`() {
        #expect(Readiness.of([.free, .booting, .ready]) == .ready)
        #expect(Readiness.of([.free, .free]) == .unready("no worker accepts requests: none runs"))
        #expect(Readiness.of([]) == .unready("no worker accepts requests: none runs"))
        #expect(
            Readiness.of([.booting, .quitting, .booting, .aborting, .free])
                == .unready("no worker accepts requests: 2 booting, 1 quitting, 1 aborting"))
    }
}
