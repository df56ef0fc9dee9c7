import TalonPlatform

/// What one source says of the settings: a file, the environment, a command line.
package struct SettingsLayer: Sendable, Equatable {
    package private(set) var values: [String: SettingValue] = [:]

    package init() {}

    package subscript(name: String) -> SettingValue? { values[name] }

    /// Sets a value; a list grows.
    package mutating func add(_ value: SettingValue, to name: String) {
        if case .list(let new) = value, case .list(let old)? = values[name] {
            values[name] = .list(old + new)
        } else {
            values[name] = value
        }
    }

    /// Takes over what a higher layer says.
    package mutating func override(with higher: SettingsLayer) {
        values.merge(higher.values) { _, new in new }
    }

    /// The lowest layer.
    package static var defaults: SettingsLayer {
        var layer = SettingsLayer()
        for setting in Catalogue.settings {
            if let value = setting.standard { layer.add(value, to: setting.name) }
        }
        return layer
    }

    /// What the environment says. An empty variable counts as not set.
    package static func environment(_ lookup: (String) -> String?) throws(SettingsError) -> SettingsLayer {
        var layer = SettingsLayer()
        for setting in Catalogue.settings {
            guard let variable = setting.variable, let text = lookup(variable), !text.isEmpty else { continue }
            do {
                // PORT, which platforms set, is a port of all addresses.
                let address = setting.kind == .addresses ? "0.0.0.0:\(text)" : text
                layer.add(try setting.value(from: address, source: variable), to: setting.name)
            } catch {
                // A bad variable is a bad value, not a misuse of the command line.
                throw SettingsError(code: .value, message: error.message)
            }
        }
        return layer
    }
}
