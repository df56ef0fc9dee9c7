import TalonPlatform

/// A configuration file as `talon.yaml`, for `talon convert`.
package struct SettingsConversion {
    package let text: String
    /// What a Python file is called while it is executed: its functions can be had from nowhere else.
    private static let fileModule = "__config__."

    /// Throws what is wrong with a value.
    package init(_ file: ConfigurationFile) throws(SettingsError) {
        let name = file.path?.split(separator: "/").last.map(String.init) ?? "the configuration"
        var lines = ["# \(LogText.oneLine(name)), as talon convert has read it."]
        var written: Set<String> = []
        var last: [String: ConfigurationFile.Entry] = [:]
        for entry in file.entries { last[entry.name] = entry }
        for entry in file.entries where last[entry.name] == entry && !written.contains(entry.name) {
            guard let setting = Catalogue.setting(named: entry.name) else {
                lines.append("# \(LogText.oneLine(entry.name)): no setting (\(entry.place))")
                continue
            }
            guard let value = try setting.value(of: entry.value, place: entry.place) else { continue }
            guard setting.kind != .hook || !value.description.hasPrefix(SettingsConversion.fileModule) else {
                lines.append(
                    "# \(entry.name): a function of the file; move it to a module and name it, or make it a plugin")
                continue
            }
            written.insert(entry.name)
            lines.append("\(entry.name): \(SettingsConversion.yaml(value, of: setting, entry.value))")
        }
        lines += SettingsConversion.environment(file, written)
        text = lines.joined(separator: "\n") + "\n"
    }

    /// Variables that a setting stands for, and those of the application.
    private static func environment(_ file: ConfigurationFile, _ written: Set<String>) -> [String] {
        var lines: [String] = []
        var others: [String] = []
        for change in file.environment {
            guard let value = change.value, !value.isEmpty else { continue }
            let setting = Catalogue.settings.first { $0.variable == change.name }
            guard let setting, let read = try? setting.value(from: value, source: change.name) else {
                others.append("\(change.name)=\(value)")
                continue
            }
            if !written.contains(setting.name) { lines.append("\(setting.name): \(yaml(read, of: setting, .none))") }
        }
        if !others.isEmpty {
            let all = others.map { JSON.text($0).encoded }.joined(separator: ", ")
            lines.append(
                written.contains("raw_env") ? "# raw_env, from os.environ too: [\(all)]" : "raw_env: [\(all)]")
        }
        return lines
    }

    /// JSON is YAML: what needs no quotation marks is written without.
    private static func yaml(_ value: SettingValue, of setting: Setting, _ found: ConfigurationValue) -> String {
        switch (setting.kind, value) {
        case (.pairs, _), (.table, _): found.json.encoded
        case (.mode, .number(let mode)): "\"0" + String(mode, radix: 8) + "\""
        case (_, .text(let text)): JSON.text(text).encoded
        case (_, .number(let number)): String(number)
        case (_, .truth(let truth)): truth ? "true" : "false"
        case (_, .list(let items)): JSON.texts(items).encoded
        }
    }
}
