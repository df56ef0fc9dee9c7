import CTalonPlatform

/// What a server's TLS is made of.
package struct TLSConfiguration: Equatable, Sendable {
    /// What is asked of a client; the words of the Prometheus exporters' web configuration file.
    package enum ClientCertificate: String, CaseIterable, Sendable {
        case none = "NoClientCert"
        /// Asked for and not judged.
        case requested = "RequestClientCert"
        /// Must be there, and is not judged.
        case anyRequired = "RequireAnyClientCert"
        case verifiedIfGiven = "VerifyClientCertIfGiven"
        case required = "RequireAndVerifyClientCert"

        var code: Int32 {
            switch self {
            case .none: TALON_TLS_NO_CLIENT_CERT
            case .requested: TALON_TLS_REQUEST_CLIENT_CERT
            case .anyRequired: TALON_TLS_REQUIRE_ANY_CLIENT_CERT
            case .verifiedIfGiven: TALON_TLS_VERIFY_CLIENT_CERT_IF_GIVEN
            case .required: TALON_TLS_REQUIRE_AND_VERIFY_CLIENT_CERT
            }
        }
    }

    package enum Version: Int32, Sendable {
        case tls12 = 12
        case tls13 = 13
    }

    /// Paths of PEM files.
    package var certificate: String
    package var key: String
    /// Who may have signed client certificates: a PEM file, and a folder as c_rehash(1) makes it. Without both, the
    /// authorities that the system trusts.
    package var clientAuthorities: String?
    package var clientAuthoritiesFolder: String?
    package var clientCertificate = ClientCertificate.none
    package var minimumVersion = Version.tls12
    /// Of TLS 1.2, as openssl-ciphers(1) lists them; nil: those of the library.
    package var ciphers: String?
    /// Names of the protocols that are spoken, the preferred one first, for clients that ask (RFC 7301). Empty: nobody is
    /// told.
    package var protocols: [String] = []
    /// How messages call the files.
    package var names = Names()

    package struct Names: Equatable, Sendable {
        package var certificate = "SSL certificate file"
        package var key = "SSL key file"
        package var pair = "SSL certificate and key"
        package var authorities = "SSL client CA"

        package init() {}
    }

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Every file that it is made of.
    package var files: [String] {
        [certificate, key] + [clientAuthorities, clientAuthoritiesFolder].compactMap { $0 }
    }
}
