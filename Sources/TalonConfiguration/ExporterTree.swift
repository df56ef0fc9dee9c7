import TalonSettings
import TalonYAML

/// The configuration of gunicorn-prometheus-exporter: what stands below `exporter:`.
///
/// Its documents put TLS in `exporter.ssl`, its code reads `exporter.prometheus.ssl`: either is right.
enum ExporterTree {
    private struct Leaf {
        let key: String
        let setting: String
    }

    private static let prometheus = [
        Leaf(key: "metrics_port", setting: "prometheus_metrics_port"),
        Leaf(key: "bind_address", setting: "prometheus_bind_address"),
        Leaf(key: "multiproc_dir", setting: "prometheus_multiproc_dir"),
    ]
    private static let tls = [
        Leaf(key: "certfile", setting: "prometheus_ssl_certfile"),
        Leaf(key: "keyfile", setting: "prometheus_ssl_keyfile"),
        Leaf(key: "client_cafile", setting: "prometheus_ssl_client_cafile"),
        Leaf(key: "client_capath", setting: "prometheus_ssl_client_capath"),
        Leaf(key: "client_auth_required", setting: "prometheus_ssl_client_auth_required"),
    ]
    private static let gunicorn = [
        Leaf(key: "workers", setting: "gunicorn_workers"), Leaf(key: "timeout", setting: "gunicorn_timeout"),
        Leaf(key: "keepalive", setting: "gunicorn_keepalive"),
    ]
    private static let redis = [
        Leaf(key: "host", setting: "redis_host"), Leaf(key: "port", setting: "redis_port"),
        Leaf(key: "db", setting: "redis_db"), Leaf(key: "password", setting: "redis_password"),
        Leaf(key: "key_prefix", setting: "redis_key_prefix"),
        Leaf(key: "forward_interval", setting: "redis_forward_interval"),
        Leaf(key: "ttl_seconds", setting: "redis_ttl_seconds"),
        Leaf(key: "ttl_disabled", setting: "redis_ttl_disabled"),
    ]
    private static let cleanup = [Leaf(key: "db_files", setting: "cleanup_db_files")]

    static func entries(_ root: YAMLField) throws(YAMLError) -> [ConfigurationFile.Entry] {
        let sections = try root.fields(["prometheus", "ssl", "gunicorn", "redis", "cleanup"])
        var entries: [ConfigurationFile.Entry] = []
        var inner: YAMLField?
        if let field = sections["prometheus"] {
            let section = try field.fields(prometheus.map(\.key) + ["ssl"])
            entries += leaves(section, prometheus)
            inner = section["ssl"]
        }
        if let field = sections["gunicorn"], !field.isEmpty { entries += try all(field, gunicorn) }
        if let field = sections["cleanup"], !field.isEmpty { entries += try all(field, cleanup) }
        entries += try secured(inner, sections["ssl"])
        if let field = sections["redis"], !field.isEmpty {
            let section = try field.fields(redis.map(\.key) + ["enabled"])
            if let gate = section["enabled"], !gate.isEmpty, try gate.flag() {
                entries.append(gate.entry(named: "redis_enabled"))
                entries += leaves(section, redis)
            }
        }
        return entries
    }

    private static func all(_ field: YAMLField, _ known: [Leaf]) throws(YAMLError) -> [ConfigurationFile.Entry] {
        leaves(try field.fields(known.map(\.key)), known)
    }

    /// An empty leaf says nothing.
    private static func leaves(_ section: YAMLFields, _ known: [Leaf]) -> [ConfigurationFile.Entry] {
        known.compactMap { leaf in
            guard let field = section[leaf.key], !field.isEmpty else { return nil }
            return field.entry(named: leaf.setting)
        }
    }

    /// Of the two places of TLS; nothing if it is not enabled.
    private static func secured(
        _ inner: YAMLField?, _ outer: YAMLField?
    ) throws(YAMLError) -> [ConfigurationFile.Entry] {
        let first = try enabled(inner)
        let second = try enabled(outer)
        for entry in second {
            if let other = first.first(where: { $0.name == entry.name }), other.value != entry.value, let outer {
                throw outer.place.error(
                    "says something else of \(entry.name) than exporter.prometheus.ssl (\(other.place)); "
                        + "leave one of the two out")
            }
        }
        return first + second.filter { entry in !first.contains { $0.name == entry.name } }
    }

    private static func enabled(_ field: YAMLField?) throws(YAMLError) -> [ConfigurationFile.Entry] {
        guard let field, !field.isEmpty else { return [] }
        let section = try field.fields(tls.map(\.key) + ["enabled"])
        guard let gate = section["enabled"], !gate.isEmpty, try gate.flag() else { return [] }
        let entries = leaves(section, tls)
        for name in ["prometheus_ssl_certfile", "prometheus_ssl_keyfile"]
        where !entries.contains(where: { $0.name == name }) {
            throw field.place.error("is enabled and has no \(name.dropFirst("prometheus_ssl_".count)); name the file")
        }
        return entries
    }
}

extension YAMLField {
    /// `null`, or a text without anything in it.
    fileprivate var isEmpty: Bool {
        switch value.content {
        case .nothing: true
        case .text(let text): text.isEmpty
        case .list, .mapping: false
        }
    }
}
