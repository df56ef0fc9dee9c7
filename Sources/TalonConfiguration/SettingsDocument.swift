import TalonPlatform
package import TalonSettings
package import TalonYAML

/// A `talon.yaml`: a mapping of settings by name, and perhaps the exporter's tree, `exporter:`.
///
/// What a value means is for the catalogue to say: here all scalars are texts.
package enum SettingsDocument {
    private static let tree = "exporter"

    package static func read(_ bytes: [UInt8], file: String) throws(YAMLError) -> ConfigurationFile {
        let root = try YAMLDocument.parse(bytes, file: file, help: "write settings: bind: 127.0.0.1:8000")
        var configuration = ConfigurationFile(path: file)
        for (key, field) in try YAMLField(root, place(file)).mapping(of: "SETTING: VALUE") {
            guard key != tree else {
                configuration.entries += try ExporterTree.entries(field)
                continue
            }
            guard Catalogue.setting(named: key) != nil else {
                let hint = NearMiss.hint(
                    key, among: Catalogue.names + [tree], else: "; talon --help lists the settings")
                throw field.place.error("is no setting\(hint)")
            }
            configuration.entries.append(field.entry(named: key))
        }
        return configuration
    }

    private static func place(_ file: String) -> YAMLPlace {
        var place = YAMLPlace(file: file, line: 1, field: "")
        place.document = "settings"
        return place
    }
}

extension YAMLField {
    /// Itself as the value of a setting.
    func entry(named name: String) -> ConfigurationFile.Entry {
        ConfigurationFile.Entry(name: name, value: value.configuration, place: "\(place.file):\(place.line)")
    }
}

extension YAMLValue {
    var configuration: ConfigurationValue {
        switch content {
        case .nothing: .none
        case .text(let text): .text(text)
        case .list(let values): .list(values.map(\.configuration))
        case .mapping(let entries): .table(entries.map { .init(name: $0.key, value: $0.value.configuration) })
        }
    }
}
