import CTalonPlugin

/// The version of the plugin ABI that this Talon has: a plugin loads if its major is equal and its minor not higher.
package enum PluginABI {
    package static let major = Int(TALON_ABI_MAJOR)
    package static let minor = Int(TALON_ABI_MINOR)
}
