import TalonPlatform
import Testing

@testable import TalonHTTP

@Suite struct `The word of a proxy` {
    private static func trust(
        _ networks: String..., fields: [String] = ["SCRIPT_NAME", "PATH_INFO"],
        underscores: HTTPLimits.UnderscoredNames = .drop
    ) -> ProxyTrust {
        ProxyTrust(
            networks: networks,
            schemeFields: [("X-FORWARDED-PROTOCOL", "ssl"), ("X-FORWARDED-PROTO", "https"), ("X-FORWARDED-SSL", "on")],
            forwarderFields: fields, underscoredNames: underscores)
    }

    @Test(arguments: [
        ("127.0.0.1", ["127.0.0.1"], true), ("127.0.0.2", ["127.0.0.1"], false), ("10.1.2.3", ["10.0.0.0/8"], true),
        ("11.1.2.3", ["10.0.0.0/8"], false), ("10.15.0.1", ["10.0.0.0/12"], true),
        ("10.16.0.1", ["10.0.0.0/12"], false),
        ("::1", ["127.0.0.1", "::1"], true), ("::ffff:10.1.2.3", ["10.0.0.0/8"], true),
        ("fe80::1", ["fe80::/10"], true),
        ("fec0::1", ["fe80::/10"], false), ("192.0.2.1", ["*"], true), ("", [], true), ("192.0.2.1", [], false),
        ("192.0.2.1", ["0.0.0.0/0"], true), ("10.9.9.9", ["::ffff:10.0.0.0/104"], true),
        ("11.9.9.9", ["::ffff:10.0.0.0/104"], false), ("::1", ["0.0.0.0/0"], false), ("nonsense", ["0.0.0.0/0"], false),
    ]) func `counts if its address is among those that are allowed`(
        address: String, networks: [String], isTrusted: Bool
    ) {
        let trust = ProxyTrust(networks: networks, schemeFields: [], forwarderFields: [], underscoredNames: .drop)
        #expect(trust.trusts(address) == isTrusted)
    }

    @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "host", "", "/8"])
    func `is not taken from what is no network`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func `is read within the same limits as anybody's`() {
        let limits = HTTPLimits(requestLine: 0, fields: 7, fieldSize: 99, headSize: 500, leniency: .anyMethod)
        let trusted = limits.keepingUnderscores
        #expect(trusted.requestLine == 1 << 20 && trusted.requestLine == limits.requestLine)
        #expect(trusted.fields == 7 && trusted.fieldSize == 99 && trusted.headSize == 500)
        #expect(trusted.leniency == limits.leniency && trusted.underscoredNames == .keep)
    }

    private func settled(_ fields: String, _ trust: ProxyTrust) -> (
        rejection: Rejection?, head: RequestHead, bytes: [UInt8]
    ) {
        let bytes = Array("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n".utf8)
        var (outcome, head) = parseWhole(bytes, HTTPLimits().keepingUnderscores)
        #expect(outcome == .complete)
        return (trust.settle(&head, bytes.span), head, bytes)
    }

    @Test(arguments: [
        ("", false), ("X-Forwarded-Proto: https\r\n", true), ("x-forwarded-proto: http\r\n", false),
        ("X-Forwarded-Proto: HTTPS\r\n", false), ("X-Forwarded-Protocol: ssl\r\nX-Forwarded-Ssl: on\r\n", true),
        ("X-Forwarded-Proto: https, http\r\n", false), ("X-Forwarded-Other: https\r\n", false),
    ]) func `tells the scheme`(fields: String, isSecure: Bool) {
        let (rejection, head, _) = settled(fields, Self.trust())
        #expect(rejection == nil && head.isSecure == isSecure)
    }

    @Test func `is refused if it contradicts itself`() {
        let (rejection, _, _) = settled("X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n", Self.trust())
        #expect(rejection == .schemeContradiction && rejection?.status == 400)
    }

    @Test func `may come in fields with an underscore, if they are named`() {
        let fields = "SCRIPT_NAME: /a\r\nOTHER_NAME: b\r\nX-Plain: c\r\n"
        func names(_ trust: ProxyTrust) -> (names: [String], rejection: Rejection?) {
            let (rejection, head, bytes) = settled(fields, trust)
            return (head.fields.map { head.text($0.name, bytes) }, rejection)
        }
        #expect(names(Self.trust()).names == ["Host", "SCRIPT_NAME", "X-Plain"])
        #expect(names(Self.trust(fields: ["*"])).names == ["Host", "SCRIPT_NAME", "OTHER_NAME", "X-Plain"])
        #expect(names(Self.trust(underscores: .keep)).names == ["Host", "SCRIPT_NAME", "OTHER_NAME", "X-Plain"])
        #expect(names(Self.trust(underscores: .refuse)).rejection == .fieldNameUnderscore)
        #expect(names(Self.trust(fields: [])).names == ["Host", "X-Plain"])
    }
}
