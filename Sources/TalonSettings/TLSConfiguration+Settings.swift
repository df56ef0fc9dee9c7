package import TalonPlatform

extension TLSConfiguration {
    /// Of the server's sockets: gunicorn's settings `certfile`, `keyfile`, `ca_certs`, `cert_reqs` and `ciphers`; nil if
    /// they speak in clear. `setting` gives settings as texts. Throws what no single setting can say of itself.
    package static func ofSockets(_ setting: (String) -> String?) throws(SettingsError) -> TLSConfiguration? {
        func text(_ name: String) -> String? { setting(name).flatMap { $0.isEmpty ? nil : $0 } }
        guard let certificate = text("certfile") else {
            guard let key = text("keyfile") else { return nil }
            throw SettingsError(
                code: .value,
                message: "keyfile: '\(key)' is the key of no certificate; set certfile too, or leave it out")
        }
        // As with gunicorn, the certificate's file may have the key too.
        var tls = TLSConfiguration(certificate: certificate, key: text("keyfile") ?? certificate)
        tls.clientAuthorities = text("ca_certs")
        tls.ciphers = text("ciphers")
        tls.protocols = (try HTTPProtocol.of(setting)).map(\.alpnName)
        tls.names.certificate = "certfile"
        tls.names.key = text("keyfile") == nil ? "the key in certfile, without keyfile," : "keyfile"
        tls.names.pair = "certfile and keyfile"
        tls.names.authorities = "ca_certs"
        switch setting("cert_reqs") {
        case "1": tls.clientCertificate = .verifiedIfGiven
        case "2": tls.clientCertificate = .required
        default: return tls
        }
        guard tls.clientAuthorities != nil else {
            throw SettingsError(
                code: .value,
                message: "cert_reqs: client certificates are asked for, and nobody may have signed them; set ca_certs")
        }
        return tls
    }
}

extension Inheritance {
    /// The words by which the exporter's program is told what to check.
    package static let endpointCheck = "endpoint-check"
    package static let socketCheck = "socket-check"
}
