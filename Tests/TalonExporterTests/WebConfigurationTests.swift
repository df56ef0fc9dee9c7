import Glibc
import TalonPlatform
import TalonTesting
import TalonYAML
import Testing

@testable import TalonExporter

/// bcrypt of "correct", cost 4.
let correctHash = "$2b$04$abcdefghijklmnopqrstuu2Vo3TWutZSHUfluiaHt5gekKPzGepHC"

@Suite struct `A web configuration file` {
    private func parse(_ text: String) throws(YAMLError) -> WebConfiguration {
        try WebConfiguration(Array(text.utf8), file: "web.yml", folder: "/etc/web")
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `says TLS and users`() throws {
        let web = try parse(
            """
            tls_server_config:
              cert_file: server.pem
              key_file: /keys/server.key
              client_ca_file: ca.pem
              client_auth_type: RequireAndVerifyClientCert
              min_version: TLS13
            basic_auth_users:
              alice: \(correctHash)
              bob: '$2y$10$abcdefghijklmnopqrstuuxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01'
            """)
        let tls = try #require(web.tls)
        #expect(tls.certificate == "/etc/web/server.pem")
        #expect(tls.key == "/keys/server.key")
        #expect(tls.clientAuthorities == "/etc/web/ca.pem")
        #expect(tls.clientCertificate == .required)
        #expect(tls.minimumVersion == .tls13)
        #expect(web.users.keys.sorted() == ["alice", "bob"])
    }

    @Test func `may say less`() throws {
        let tls = try #require(try parse("tls_server_config: {cert_file: a, key_file: b}").tls)
        #expect(tls.clientCertificate == .none && tls.minimumVersion == .tls12 && tls.clientAuthorities == nil)
        #expect(try parse("basic_auth_users: {a: \(correctHash)}").tls == nil)
    }

    @Test(arguments: [
        ("tls_server_conf: {}", "1: tls_server_conf: is unknown: did you mean 'tls_server_config'?"),
        ("http_server_config: {http2: true}", "1: http_server_config: is unknown"),
        ("basic_auth_users: {a: secret}", "1: basic_auth_users.a: is no hash of bcrypt;"),
        ("basic_auth_users:\n  a: \(String(correctHash.dropLast()))", "2: basic_auth_users.a: is no hash of bcrypt;"),
        ("basic_auth_users:\n  a: $1\(correctHash.dropFirst(2))", "2: basic_auth_users.a: is no hash of bcrypt;"),
        (
            "basic_auth_users:\n  a: $2b$31\(correctHash.dropFirst(6))",
            "2: basic_auth_users.a: is a hash of cost 31; 4 to 16 are allowed"
        ),
        ("basic_auth_users: {}", "1: basic_auth_users: has no user;"),
        ("basic_auth_users: [a]", "1: basic_auth_users: is a list;"),
        ("tls_server_config: {cert_file: a}", "1: tls_server_config.key_file: is missing;"),
        ("tls_server_config: {key_file: a}", "1: tls_server_config.cert_file: is missing;"),
        (
            "tls_server_config:\n  cert_file: a\n  key_file: b\n  cipher_suites: []",
            "4: tls_server_config.cipher_suites: is unknown"
        ),
        (
            "tls_server_config: {cert_file: a, key_file: b, min_version: TLS10}",
            "1: tls_server_config.min_version: is 'TLS10'; use one of TLS12, TLS13"
        ),
        (
            "tls_server_config: {cert_file: a, key_file: b, client_auth_type: Required}",
            "1: tls_server_config.client_auth_type: is 'Required'; use one of NoClientCert"
        ),
        (
            "tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}",
            "1: tls_server_config.client_ca_file: is of no use"
        ),
        ("- a", "1: web configuration: is a list;"),
        ("", "1: YAML: is empty; write tls_server_config or basic_auth_users"),
        ("a: &x 1", "1: YAML: anchors"),
    ])
    func `is refused with its place`(text: String, message: String) throws {
        let told = try #require(refusal(text))
        #expect(told.hasPrefix("web.yml:\(message)"), "\(told)")
    }

    @Test func `is refused without telling its secrets`() throws {
        let told = try #require(refusal("basic_auth_users: {alice: opensesame}"))
        #expect(!told.contains("opensesame"))
    }
}
