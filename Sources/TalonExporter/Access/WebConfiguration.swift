import TalonPlatform
import TalonYAML

/// A web configuration file, in the format of the Prometheus exporters (exporter-toolkit, docs/web-configuration.md).
struct WebConfiguration {
    var tls: TLSConfiguration?
    /// Hashes of bcrypt, by user.
    var users: [String: String] = [:]

    private static let keys = ["tls_server_config", "basic_auth_users"]
    private static let tlsKeys = ["cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version"]

    /// Paths in it count from `folder`, where it lies.
    init(_ bytes: [UInt8], file: String, folder: String) throws(YAMLError) {
        let value = try YAMLDocument.parse(
            bytes, file: file, help: "write " + WebConfiguration.keys.joined(separator: " or "))
        var root = YAMLField(value, file: file, field: "")
        root.place.document = "web configuration"
        let fields = try root.fields(WebConfiguration.keys)
        if let field = fields["tls_server_config"] { tls = try Self.tls(field, folder: folder) }
        for (name, field) in try fields["basic_auth_users"]?.mapping(of: "USER: HASH", isLimited: true) ?? [] {
            users[name] = try Self.hash(field)
        }
        if let place = fields["basic_auth_users"]?.place, users.isEmpty {
            throw place.error("has no user; leave it out, or write USER: HASH")
        }
    }

    private static func tls(_ field: YAMLField, folder: String) throws(YAMLError) -> TLSConfiguration {
        let fields = try field.fields(tlsKeys)
        func path(_ field: YAMLField) throws(YAMLError) -> String {
            let path = try field.words("the path of a PEM file")
            return path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }
        var tls = TLSConfiguration(
            certificate: try path(try fields.required("cert_file", "TLS needs a certificate")),
            key: try path(try fields.required("key_file", "TLS needs the key of the certificate")))
        tls.clientAuthorities = try fields["client_ca_file"].map { field throws(YAMLError) in try path(field) }
        if let type = fields["client_auth_type"] {
            let word = try type.choice(TLSConfiguration.ClientCertificate.allCases.map(\.rawValue))
            tls.clientCertificate = TLSConfiguration.ClientCertificate(rawValue: word) ?? .required
        }
        if let authorities = fields["client_ca_file"], tls.clientCertificate == .none {
            throw authorities.place.error(
                "is of no use, for client_auth_type asks for no certificate; use RequireAndVerifyClientCert")
        }
        if let version = fields["min_version"] {
            tls.minimumVersion = try version.choice(["TLS12", "TLS13"]) == "TLS13" ? .tls13 : .tls12
        }
        return tls
    }

    /// A hash that costs more takes minutes.
    private static let highestCost = 16

    private static func hash(_ field: YAMLField) throws(YAMLError) -> String {
        var place = field.place
        place.isSecret = true
        let help = "write a hash of bcrypt, as htpasswd -nBC 10 USER prints it: $2y$10$…"
        let text = try YAMLField(field.value, place).text(help)
        let bytes = Array(text.utf8)
        let digits = bytes.dropFirst(4).prefix(2)
        guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(String(text.prefix(4))),
            let cost = Int(String(decoding: digits, as: UTF8.self)), bytes[6] == UInt8(ascii: "$"),
            bytes.dropFirst(7).allSatisfy(isDigit)
        else { throw place.error("is no hash of bcrypt; \(help)") }
        guard (4...highestCost).contains(cost) else {
            throw place.error("is a hash of cost \(cost); 4 to \(highestCost) are allowed: each step doubles the time")
        }
        return text
    }

    /// Of bcrypt's own Base64.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
