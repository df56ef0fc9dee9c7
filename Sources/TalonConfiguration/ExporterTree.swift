import TalonSettings
import TalonYAML

/// The configuration of gunicorn-prometheus-exporter: what stands below `exporter:`.
///
/// Its documents put TLS in `exporter.ssl`, its code reads `exporter.prometheus.ssl`: either is right.
enum ExporterTree {
    private typealias Keys = ExporterKeys

    static func entries(_ root: YAMLField) throws(YAMLError) -> [ConfigurationFile.Entry] {
        let sections = try root.fields(["prometheus", "ssl", "gunicorn", "redis", "cleanup"])
        var entries: [ConfigurationFile.Entry] = []
        var inner: YAMLField?
        if let field = sections["prometheus"] {
            let section = try field.fields(Keys.prometheus.map(\.key) + ["ssl"])
            entries += leaves(section, Keys.prometheus)
            inner = section["ssl"]
        }
        if let field = sections["gunicorn"], !field.isEmpty { entries += try all(field, Keys.gunicorn) }
        if let field = sections["cleanup"], !field.isEmpty { entries += try all(field, Keys.cleanup) }
        entries += try secured(inner, sections["ssl"])
        if let field = sections["redis"], !field.isEmpty {
            let section = try field.fields(Keys.redis.map(\.key) + [Keys.gate])
            if let gate = section[Keys.gate], !gate.isEmpty, try gate.flag() {
                entries.append(gate.entry(named: "redis_enabled"))
                entries += leaves(section, Keys.redis)
            }
        }
        return entries
    }

    private static func all(_ field: YAMLField, _ known: [ExporterKeys.Leaf]) throws(YAMLError) -> [ConfigurationFile
        .Entry]
    {
        leaves(try field.fields(known.map(\.key)), known)
    }

    /// An empty leaf says nothing.
    private static func leaves(_ section: YAMLFields, _ known: [ExporterKeys.Leaf]) -> [ConfigurationFile.Entry] {
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
        let section = try field.fields(Keys.tls.map(\.key) + [Keys.gate])
        guard let gate = section[Keys.gate], !gate.isEmpty, try gate.flag() else { return [] }
        let entries = leaves(section, Keys.tls)
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
