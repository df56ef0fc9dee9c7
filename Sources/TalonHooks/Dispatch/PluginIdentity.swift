import CTalonPlugin

#if canImport(Glibc)
import Glibc
#endif

/// Who a plugin says that it is. For tools that take loading apart into its steps; else see ``LoadedPlugin``.
package struct PluginIdentity: Equatable, Sendable {
    package let id: String
    package let version: String
    /// "c", "c++", "swift", "rust"; nil if it does not say.
    package let language: String?
    package let abiMajor: UInt16
    package let abiMinor: UInt16

    /// Maps the shared object into this process and runs its constructors; nothing else of it.
    package static func load(_ plugin: ResolvedPlugin) throws(PluginError) {
        guard dlopen(plugin.image.loadName, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) != nil else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
            // The linker names what it was given, which may be a descriptor.
            let name = "\(plugin.image.loadName): "
            let rest = reason.hasPrefix(name) ? String(reason.dropFirst(name.count)) : reason
            throw PluginError(
                .loadFailed, path: plugin.description.origin, reason: "cannot be loaded: \(rest)")
        }
    }

    /// Loads it and asks who it is; nil if it is a library that knows nothing of Talon.
    package static func read(_ plugin: ResolvedPlugin) throws(PluginError) -> PluginIdentity? {
        try load(plugin)
        guard plugin.description.hasIdentity,
            let handle = dlopen(plugin.image.loadName, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)
        else { return nil }
        let info = try LoadedPlugin.identity(in: handle, of: plugin.description).pointee
        return PluginIdentity(
            id: info.id.map { String(cString: $0) } ?? "", version: info.version.map { String(cString: $0) } ?? "",
            language: info.language.map { String(cString: $0) }, abiMajor: info.abi_major, abiMinor: info.abi_minor)
    }
}
