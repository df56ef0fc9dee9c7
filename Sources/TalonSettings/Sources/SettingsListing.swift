/// The settings in force, for `--print-config`: a line `name = value  # source` each, in the order of names.
package struct SettingsListing {
    package let text: String

    package init(_ layer: SettingsLayer) {
        let settings = Catalogue.settings.sorted { $0.name < $1.name }
        let width = settings.map(\.name.count).max() ?? 0
        let lines = settings.map { setting in
            let value = layer[setting.name].map { setting.shown($0) } ?? "None"
            let padded = setting.name + String(repeating: " ", count: width - setting.name.count)
            return "\(padded) = \(value)  # \(layer.source(of: setting.name))"
        }
        text = lines.joined(separator: "\n") + "\n"
    }
}

extension Setting {
    /// A value as a log or a listing may show it.
    package func shown(_ value: SettingValue) -> String {
        isSecret && value != standard && !value.description.isEmpty ? "***" : value.description
    }
}
