import TalonPlatform

/// The JSON schema of `talon.yaml`, draft 2020-12, for editors.
package enum SettingsSchema {
    package static var text: String {
        var properties = Catalogue.settings.map { (name: $0.name, value: $0.schema) }
        properties.append(("exporter", exporter))
        let root = JSON.object([
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text("talon.yaml")),
            ("type", .text("object")), ("additionalProperties", .truth(false)),
        ])
        guard case .object(let fields) = root else { return "" }
        let rows = properties.map { "    \(JSON.text($0.name).encoded): \($0.value.encoded)" }
        let head = fields.map { "  \(JSON.text($0.name).encoded): \($0.value.encoded)" }
        return "{\n" + head.joined(separator: ",\n") + ",\n  \"properties\": {\n" + rows.joined(separator: ",\n")
            + "\n  }\n}\n"
    }
}

extension SettingsSchema {
    private static var exporter: JSON {
        let tls = section(ExporterKeys.tls, isGated: true)
        return mapping([
            ("prometheus", section(ExporterKeys.prometheus, and: [("ssl", tls)])), ("ssl", tls),
            ("gunicorn", section(ExporterKeys.gunicorn)), ("redis", section(ExporterKeys.redis, isGated: true)),
            ("cleanup", section(ExporterKeys.cleanup)),
        ])
    }

    private static func section(
        _ leaves: [ExporterKeys.Leaf], isGated: Bool = false, and others: [(name: String, value: JSON)] = []
    ) -> JSON {
        let known = leaves.compactMap { leaf in
            Catalogue.setting(named: leaf.setting).map { (name: leaf.key, value: $0.schema) }
        }
        let gate = isGated ? [(name: ExporterKeys.gate, value: JSON.object([("type", .text("boolean"))]))] : []
        return mapping(gate + known + others)
    }

    private static func mapping(_ properties: [(name: String, value: JSON)]) -> JSON {
        .object([
            ("type", .text("object")), ("additionalProperties", .truth(false)), ("properties", .object(properties)),
        ])
    }
}

extension Setting {
    fileprivate var schema: JSON {
        var fields: [(name: String, value: JSON)] = [("description", .text(help))]
        fields.append(("anyOf", .list(kind.schemas + [.object([("type", .text("null"))])])))
        if let standard, !isSecret { fields.append(("default", standard.json)) }
        return .object(fields)
    }
}

extension SettingValue {
    fileprivate var json: JSON {
        switch self {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .truth(let truth): .truth(truth)
        case .list(let items): .texts(items)
        }
    }
}

extension Setting.Kind {
    /// A value is one of these.
    fileprivate var schemas: [JSON] {
        func type(_ name: String) -> JSON { .object([("type", .text(name))]) }
        func whole(_ range: ClosedRange<Int>) -> JSON {
            .object([
                ("type", .text("integer")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ])
        }
        func list(of item: JSON) -> JSON { .object([("type", .text("array")), ("items", item)]) }
        return switch self {
        case .text, .hook: [type("string")]
        case .number(let range): [whole(range)]
        case .count(let range): [whole(range), .object([("const", .text(SettingValue.automatic))])]
        case .mode: [whole(0...0o777), .object([("type", .text("string")), ("pattern", .text("^0[oO]?[0-7]{1,4}$"))])]
        case .flag: [type("boolean")]
        case .choice(let words): [.object([("enum", .texts(words))])]
        case .wordOrFlag(let words, _): [.object([("enum", .texts(words))]), type("boolean")]
        case .list, .addresses, .assignments, .words, .networks: [type("string"), list(of: type("string"))]
        case .documents: [type("string"), list(of: .object([("type", .texts(["string", "object"]))]))]
        case .account: [type("string"), whole(0...Int(UInt32.max))]
        case .pairs: [.object([("type", .text("object")), ("additionalProperties", type("string"))])]
        case .table: [type("object")]
        }
    }
}
