/// The settings in force, for `--print-config`: a line `name = value` each, in the order of names, and where the value
/// comes from if not from the default.
package struct SettingsListing {
    package let text: String

    /// `layer` is what is in force, the others what two of its sources say.
    package init(_ layer: SettingsLayer, commandLine: SettingsLayer, environment: SettingsLayer) {
        let names = Catalogue.settings.map(\.name).sorted()
        let width = names.map(\.count).max() ?? 0
        let lines = names.map { name in
            let value = layer[name].map(\.description) ?? "None"
            let padded = name + String(repeating: " ", count: width - name.count)
            return "\(padded) = \(value)" + SettingsListing.source(name, commandLine, environment)
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func source(_ name: String, _ commandLine: SettingsLayer, _ environment: SettingsLayer) -> String {
        if commandLine[name] != nil { return "  # command line" }
        guard environment[name] != nil, let variable = Catalogue.setting(named: name)?.variable else { return "" }
        return "  # \(variable)"
    }
}
