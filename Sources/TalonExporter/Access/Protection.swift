import TalonPlatform
import TalonSettings
import TalonTLS
import TalonYAML

/// What protects the endpoint, read from files and checked.
struct Protection: Sendable {
    /// nil: it is served in clear.
    var tls: TLSContext?
    var credentials = Credentials()
    /// What it was made of: what of these changes is to be read again.
    var files: [String] = []
}

/// Why the endpoint cannot be protected as the settings say: a sentence for each fault.
struct ProtectionError: Error, CustomStringConvertible {
    let problems: [String]

    /// The old exporter's words.
    var description: String { "Configuration validation failed: " + problems.joined(separator: ", ") }
}

/// Where the settings say that the protection is.
struct ProtectionSettings: Sendable {
    private let certificate: String?
    private let key: String?
    private let authorities: String?
    private let authoritiesFolder: String?
    private let requiresCertificate: Bool
    private let webConfiguration: String?
    private let tokenFile: String?

    init(_ setting: (String) -> String?) {
        func path(_ name: String) -> String? { setting(name).flatMap { $0.isEmpty ? nil : $0 } }
        certificate = path("prometheus_ssl_certfile")
        key = path("prometheus_ssl_keyfile")
        authorities = path("prometheus_ssl_client_cafile")
        authoritiesFolder = path("prometheus_ssl_client_capath")
        requiresCertificate = setting("prometheus_ssl_client_auth_required") == "true"
        webConfiguration = path("metrics_web_config")
        tokenFile = path("metrics_bearer_token_file")
    }

    /// There is to be TLS, whatever is wrong with its files.
    var wantsTLS: Bool {
        if certificate != nil { return true }
        guard let path = webConfiguration, let bytes = try? contents(path) else { return false }
        let web = try? WebConfiguration(bytes, file: path, folder: folder(of: path))
        return web?.tls != nil
    }

    /// Reads all the files. Says all that is wrong, not only the first.
    func load() throws(ProtectionError) -> Protection {
        var problems: [String] = []
        var protection = Protection()
        var tls = self.tls(&problems)
        if let path = webConfiguration {
            protection.files.append(path)
            do {
                let web = try WebConfiguration(try contents(path), file: path, folder: folder(of: path))
                protection.credentials.users = web.users
                if tls != nil, web.tls != nil {
                    problems.append(
                        "PROMETHEUS_SSL_CERTFILE and tls_server_config of \(path) are both set; leave one out")
                }
                tls = tls ?? web.tls
            } catch {
                problems.append("\(error)")
            }
        }
        if let path = tokenFile {
            protection.files.append(path)
            do {
                protection.credentials.token = try token(path)
            } catch {
                problems.append("\(error)")
            }
        }
        if let tls {
            protection.files += tls.files
            problems += missing(tls)
        }
        if problems.isEmpty, let tls {
            do {
                protection.tls = try TLSContext(tls, library: .linked)
            } catch {
                problems.append(error.description)
            }
        }
        guard problems.isEmpty else { throw ProtectionError(problems: problems) }
        return protection
    }

    private func tls(_ problems: inout [String]) -> TLSConfiguration? {
        guard let certificate, let key else {
            if certificate != nil { problems.append("SSL key file required when certificate is provided") }
            if key != nil { problems.append("SSL certificate file required when key is provided") }
            if certificate == nil, key == nil, requiresCertificate || authorities != nil || authoritiesFolder != nil {
                problems.append(
                    "client certificates are asked for (PROMETHEUS_SSL_CLIENT_…) and there is no TLS; "
                        + "set PROMETHEUS_SSL_CERTFILE and PROMETHEUS_SSL_KEYFILE")
            }
            return nil
        }
        var tls = TLSConfiguration(certificate: certificate, key: key)
        tls.clientAuthorities = authorities
        tls.clientAuthoritiesFolder = authoritiesFolder
        let hasAuthorities = authorities != nil || authoritiesFolder != nil
        tls.clientCertificate = requiresCertificate ? .required : hasAuthorities ? .verifiedIfGiven : .none
        return tls
    }

    private func missing(_ tls: TLSConfiguration) -> [String] {
        var problems: [String] = []
        let files = [
            ("SSL certificate file", tls.certificate), ("SSL key file", tls.key),
            ("SSL client CA file", tls.clientAuthorities),
        ]
        for case (let what, let path?) in files where !FileAccess.isRegularFile(path) {
            problems.append("\(what) not found: \(path)")
        }
        if let folder = tls.clientAuthoritiesFolder, FileAccess.status(of: folder)?.kind != .folder {
            problems.append("SSL client CA folder not found: \(folder)")
        }
        return problems
    }

    private func contents(_ path: String) throws(SystemError) -> [UInt8] {
        try FileDescriptor.contents(of: path, limit: YAMLDocument.sizeLimit + 1)
    }

    private func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The longest token, which is more than a request's head may hold.
    private static let tokenLimit = 8192

    private func token(_ path: String) throws -> [UInt8] {
        func refused(_ reason: String) -> ProtectionError {
            ProtectionError(problems: ["metrics_bearer_token_file: \(path): \(reason)"])
        }
        let bytes = try FileDescriptor.contents(of: path, limit: Self.tokenLimit + 1)
        guard bytes.count <= Self.tokenLimit else { throw refused("is longer than \(Self.tokenLimit) bytes") }
        let isVisible = { (byte: UInt8) in (0x21...0x7e).contains(byte) }
        let token = Array(bytes.reversed().drop { !isVisible($0) }.reversed().drop { !isVisible($0) })
        guard !token.isEmpty else { throw refused("holds no token; write it there, on one line") }
        guard token.allSatisfy(isVisible) else {
            throw refused("holds white space or other bytes that no token has; write one token on one line")
        }
        return token
    }
}
