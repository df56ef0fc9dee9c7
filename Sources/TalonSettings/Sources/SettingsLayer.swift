import TalonPlatform

/// What one source says of the settings, or several that were put together: values, and where each comes from.
package struct SettingsLayer: Sendable, Equatable {
    package private(set) var values: [String: SettingValue] = [:]
    private var sources: [String: SettingSource] = [:]

    package init() {}

    package subscript(name: String) -> SettingValue? { values[name] }

    package func source(of name: String) -> SettingSource { sources[name] ?? .standard }

    /// Sets a value; a list grows.
    package mutating func add(_ value: SettingValue, to name: String, from source: SettingSource = .standard) {
        if case .list(let new) = value, case .list(let old)? = values[name] {
            values[name] = .list(old + new)
        } else {
            values[name] = value
        }
        sources[name] = source == .standard ? nil : source
    }

    /// Gives a value another form; its source stays.
    package mutating func settle(_ value: SettingValue, _ name: String) {
        values[name] = value
    }

    /// Takes over what a higher layer says.
    package mutating func override(with higher: SettingsLayer) {
        for (name, value) in higher.values {
            values[name] = value
            sources[name] = higher.sources[name]
        }
    }

    /// Has a value as another layer has it, or none.
    mutating func take(_ name: String, from other: SettingsLayer) {
        values[name] = other.values[name]
        sources[name] = other.sources[name]
    }

    /// The lowest layer.
    package static let defaults = {
        var layer = SettingsLayer()
        for setting in Catalogue.settings {
            if let value = setting.standard { layer.add(value, to: setting.name) }
        }
        return layer
    }()

    /// What the environment says. An empty variable counts as not set. `setBy` names the file that set a variable.
    package static func environment(
        setBy: (String) -> String? = { _ in nil }, _ lookup: (String) -> String?
    ) throws(SettingsError) -> SettingsLayer {
        var layer = SettingsLayer()
        for setting in Catalogue.settings {
            guard let variable = setting.variable, let text = lookup(variable), !text.isEmpty else { continue }
            // Kubernetes tells of a Service called redis by REDIS_PORT=tcp://10.0.0.1:6379; that is nobody's setting.
            if variable.hasSuffix("_PORT"), text.hasPrefix("tcp://") { continue }
            do {
                // PORT, which platforms set, is a port of all addresses.
                let address = setting.kind == .addresses ? "0.0.0.0:\(text)" : text
                layer.add(
                    try setting.value(from: address, source: variable), to: setting.name,
                    from: .environment(variable, setBy: setBy(variable)))
            } catch {
                // A bad variable is a bad value, not a misuse of the command line.
                throw SettingsError(code: .value, message: error.message)
            }
        }
        return layer
    }

    /// What a configuration file says. A later value replaces an earlier one, lists too.
    ///
    /// `unknown` is told of names that are no settings; the hint is ": did you mean …?" or empty.
    package init(
        of file: ConfigurationFile, unknown: (ConfigurationFile.Entry, _ hint: String) -> Void = { _, _ in }
    ) throws(SettingsError) {
        for entry in file.entries {
            guard let setting = Catalogue.setting(named: entry.name) else {
                unknown(entry, NearMiss.hint(entry.name, among: Catalogue.names))
                continue
            }
            guard let value = try setting.value(of: entry.value, place: entry.place) else { continue }
            values[entry.name] = value
            sources[entry.name] = .file(entry.place)
        }
    }
}
