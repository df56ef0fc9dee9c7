import TalonPlatform
import Testing

@testable import TalonHTTP

private let mark: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
private let four: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0x12, 0x34, 0x01, 0xbb]
private let six: [UInt8] =
    [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
    + [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [2] + [0x12, 0x34, 0x01, 0xbb]

/// Version 2, with what follows its mark.
private func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
    mark + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
}

private func parse(_ bytes: [UInt8], _ versions: ProxyHeader.Versions = [.v1, .v2]) -> ProxyHeader.Outcome {
    ProxyHeader.parse(bytes.span, versions: versions)
}

private func proxied(_ source: String, _ destination: String) -> ProxiedConnection {
    ProxiedConnection(
        source: SocketName(host: source, port: 0x1234), destination: SocketName(host: destination, port: 443))
}

private let ofFour = proxied("192.0.2.1", "198.51.100.2")
private let ofSix = proxied("2001:db8::1", "2001:db8::2")

@Suite struct `A header of the PROXY protocol` {
    @Test(
        arguments: [
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r\n", ofFour),
            ("PROXY TCP6 2001:db8::1 2001:db8::2 4660 443\r\n", ofSix),
            ("PROXY TCP6 2001:DB8:0:0:0:0:0:1 2001:db8::2 4660 443\r\n", ofSix),
            ("PROXY UNKNOWN\r\n", nil), ("PROXY UNKNOWN whatever it is\r\n", nil),
            (
                "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                    + "65535 65535\r\n", nil
            ),
        ] as [(String, ProxiedConnection?)])
    func `of version 1 is a line, and ends with it (proxy-protocol.txt §2.1)`(
        line: String, expected: ProxiedConnection?
    ) {
        let bytes = Array(line.utf8)
        #expect(parse(bytes) == .complete(size: bytes.count, expected))
        #expect(parse(bytes + Array("GET / HTTP/1.1\r\n".utf8)) == .complete(size: bytes.count, expected))
        for count in 0..<bytes.count { #expect(parse(Array(bytes.prefix(count))) == .incomplete, "\(count)") }
        #expect(parse(bytes, .v2) == .absent)
    }

    @Test(arguments: [
        "PROXY TCP4 192.0.2.1 198.51.100.2 4660\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 4660 443 1\r\n",
        "PROXY  TCP4 192.0.2.1 198.51.100.2 4660 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 4660 443 \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 4660 65536\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 04660 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +466 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2  443\r\n", "PROXY TCP4 192.0.2.256 198.51.100.2 4660 443\r\n",
        "PROXY TCP4 192.0.02.1 198.51.100.2 4660 443\r\n", "PROXY TCP4 192.0.2 198.51.100.2 4660 443\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 4660 443\r\n", "PROXY TCP6 192.0.2.1 198.51.100.2 4660 443\r\n",
        "PROXY TCP5 192.0.2.1 198.51.100.2 4660 443\r\n", "PROXY tcp4 192.0.2.1 198.51.100.2 4660 443\r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.2 4660 443\r\n", "PROXY \r\n", "PROXY UNKNOWNS\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\n\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r \r\n",
        "PROXY UNKNOWN \u{0}\r\n", "PROXY UNKNOWN \t\r\n", "PROXY UNKNOWN é\r\n",
        "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n",
    ]) func `of version 1 is malformed otherwise`(line: String) {
        #expect(parse(Array(line.utf8)) == .malformed)
    }

    @Test func `of version 1 has at most 107 bytes, and ends without a line end beyond them`() {
        let longest = "PROXY UNKNOWN " + String(repeating: "x", count: 91)
        #expect(parse(Array("\(longest)\r\n".utf8)) == .complete(size: 107, nil))
        #expect(parse(Array(longest.utf8)) == .incomplete)
        #expect(parse(Array("\(longest)x".utf8)) == .malformed)
    }

    @Test(
        arguments: [
            (binary(0x21, 0x11, four), ofFour), (binary(0x21, 0x21, six), ofSix), (binary(0x20, 0x11, four), nil),
            (binary(0x20, 0x00, []), nil), (binary(0x20, 0xff, [1, 2, 3]), nil), (binary(0x21, 0x00, []), nil),
            (binary(0x21, 0x00, [9]), nil), (binary(0x21, 0x31, [UInt8](repeating: 0x2f, count: 216)), nil),
            (binary(0x21, 0x11, four + [0x04, 0, 0]), ofFour), (binary(0x21, 0x11, four + [0xea, 0, 2, 7, 7]), ofFour),
            (binary(0x21, 0x11, four + [0x04, 0x10, 0] + [UInt8](repeating: 0, count: 4096)), ofFour),
        ] as [([UInt8], ProxiedConnection?)])
    func `of version 2 tells its size, and has fields that nobody need know (proxy-protocol.txt §2.2)`(
        bytes: [UInt8], expected: ProxiedConnection?
    ) {
        #expect(parse(bytes) == .complete(size: bytes.count, expected))
        #expect(parse(bytes + [0x16, 0x03]) == .complete(size: bytes.count, expected))
        for count in 0..<min(bytes.count, 300) { #expect(parse(Array(bytes.prefix(count))) == .incomplete, "\(count)") }
        #expect(parse(bytes, .v1) == .absent)
    }

    @Test(arguments: [
        binary(0x11, 0x11, four), binary(0x31, 0x11, four), binary(0x22, 0x11, four), binary(0x2f, 0x11, four),
        binary(0x21, 0x12, four), binary(0x21, 0x10, four), binary(0x21, 0x41, four), binary(0x21, 0x01, four),
        binary(0x21, 0x11, Array(four.dropLast())), binary(0x21, 0x21, four), binary(0x21, 0x31, four),
        binary(0x21, 0x11, []), binary(0x21, 0x11, four + [0x04]), binary(0x21, 0x11, four + [0x04, 0]),
        binary(0x21, 0x11, four + [0x04, 0, 1]), binary(0x21, 0x11, four + [0x04, 0xff, 0xff, 1]),
        binary(0x21, 0x11, four + [0x03, 0, 3, 1, 2, 3]),
    ]) func `of version 2 is malformed otherwise`(bytes: [UInt8]) {
        #expect(parse(bytes) == .malformed)
    }

    @Test func `of version 2 is malformed if it has a checksum that is wrong (proxy-protocol.txt §2.2.3)`() {
        // The check value of CRC-32C.
        #expect(CRC32C.of(Array("123456789".utf8).span, zeroing: 0..<0) == 0xe306_9283)
        var bytes = binary(0x21, 0x11, four + [0x03, 0, 4, 0, 0, 0, 0, 0x04, 0, 1, 9])
        let place = (bytes.count - 8)..<(bytes.count - 4)
        let checksum = CRC32C.of(bytes.span, zeroing: place)
        bytes.replaceSubrange(place, with: (0..<4).map { UInt8(checksum >> (24 - 8 * $0) & 255) })
        #expect(parse(bytes) == .complete(size: bytes.count, ofFour))
        bytes[20] ^= 1
        #expect(parse(bytes) == .malformed)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "PROXZ", "PROXYTCP4", "\r\nGET / HTTP/1.1\r\n", "\u{16}\u{3}\u{1}", "P "])
    func `is not there if a connection begins otherwise`(text: String) {
        #expect(parse(Array(text.utf8)) == .absent)
    }

    @Test func `is not looked for in a version that is not wanted`() {
        #expect(parse(Array("PROXY".utf8), .v2) == .absent)
        #expect(parse(mark, .v1) == .absent)
        #expect(ProxyProtocol("off", senders: ["*"]) == nil)
    }

    @Test func `never stops the process, whatever it is`() {
        var generator = SystemRandomNumberGenerator()
        let seeds = [binary(0x21, 0x11, four + [0x03, 0, 4, 0, 0, 0, 0]), binary(0x21, 0x21, six), mark]
        for _ in 0..<20000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count)]
            for _ in 0..<Int.random(in: 1...4) {
                bytes[Int.random(in: 12..<max(13, bytes.count), using: &generator) % bytes.count] = .random(in: 0...255)
            }
            _ = parse(Array(bytes.prefix(Int.random(in: 0...bytes.count))))
        }
    }
}
