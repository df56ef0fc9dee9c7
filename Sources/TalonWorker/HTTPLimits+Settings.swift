import TalonHTTP
import TalonSettings

extension HTTPLimits {
    /// As the settings of the server say.
    init(_ inheritance: Inheritance) {
        let standard = HTTPLimits()
        self.init(
            requestLine: inheritance.number("limit_request_line", default: standard.requestLine),
            fields: inheritance.number("limit_request_fields", default: standard.fields),
            fieldSize: inheritance.number("limit_request_field_size", default: standard.fieldSize),
            underscoredNames: UnderscoredNames(inheritance), leniency: Leniency(inheritance))
    }
}

extension HTTPLimits.UnderscoredNames {
    fileprivate init(_ inheritance: Inheritance) {
        self =
            switch inheritance.setting("header_map") {
            case "refuse": .refuse
            case "dangerous": .keep
            default: .drop
            }
    }
}

extension Leniency {
    fileprivate init(_ inheritance: Inheritance) {
        let flags: [(setting: String, leniency: Leniency)] = [
            ("permit_obsolete_folding", .foldedLines), ("strip_header_spaces", .spacedNames),
            ("permit_unconventional_http_method", .anyMethod),
            ("permit_unconventional_http_version", .anyVersion), ("casefold_http_method", .capitalMethods),
        ]
        self.init(flags.filter { inheritance.setting($0.setting) == "true" }.map(\.leniency))
    }
}

extension ProxyTrust {
    /// As the settings of the server say.
    init(_ inheritance: Inheritance) {
        func list(_ name: String) -> [String] {
            (inheritance.setting(name) ?? "").split(separator: ",").map(String.init)
        }
        self.init(
            networks: list("forwarded_allow_ips"),
            schemeFields: list("secure_scheme_headers").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            },
            forwarderFields: list("forwarder_headers"), underscoredNames: HTTPLimits.UnderscoredNames(inheritance))
    }
}
