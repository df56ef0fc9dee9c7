/// A value as a configuration file has it, before it is known which setting it is of.
package indirect enum ConfigurationValue: Equatable, Sendable {
    case none
    case truth(Bool)
    case number(Int)
    case real(Double)
    case text(String)
    case list([ConfigurationValue])
    case table([Pair])

    package struct Pair: Equatable, Sendable {
        package let name: String
        package let value: ConfigurationValue

        package init(name: String, value: ConfigurationValue) {
            self.name = name
            self.value = value
        }
    }
}

/// What a configuration file says: settings, and changes of the environment that it made.
package struct ConfigurationFile: Sendable {
    package struct Entry: Equatable, Sendable {
        package let name: String
        package let value: ConfigurationValue
        /// "gunicorn.conf.py:12" or "talon.yaml:3".
        package let place: String

        package init(name: String, value: ConfigurationValue, place: String) {
            self.name = name
            self.value = value
            self.place = place
        }
    }

    /// nil: a module, or nothing was read.
    package var path: String?
    package var entries: [Entry]
    /// nil: removed.
    package var environment: [(name: String, value: String?)]

    package init(path: String? = nil, entries: [Entry] = [], environment: [(name: String, value: String?)] = []) {
        self.path = path
        self.entries = entries
        self.environment = environment
    }
}
