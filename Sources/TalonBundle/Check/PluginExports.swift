import TalonHooks
import TalonPlatform

/// Whether a plugin shows more of itself than it must. Another library's function of the same name might be called in
/// the place of its own.
enum PluginExports {
    static func check(_ plugin: ResolvedPlugin, into report: inout CheckReport) {
        guard case .sealed(let image) = plugin.image else { return }
        guard let bytes = try? SealedFile.read(image),
            let exports = try? PluginFile(bytes, path: plugin.description.origin, needsIdentity: false).exports
        else {
            return report.add("exports", .failed, "its symbols cannot be read")
        }
        let expected = Set([PluginFile.identitySymbol] + plugin.description.bindings.map(\.symbol))
        let strays = exports.subtracting(expected).filter { !isOfEveryObject($0) }.sorted()
        guard let first = strays.first else { return report.add("exports", .ok, "it exports its hooks and no more") }
        let more = strays.count > 1 ? " and \(strays.count - 1) more" : ""
        report.add(
            "exports", .warning,
            "it exports \(first)\(more); hide what is no hook (-fvisibility=hidden, a version script)")
    }

    /// Symbols that linkers and compilers add by themselves.
    private static func isOfEveryObject(_ name: String) -> Bool {
        ["_init", "_fini", "__bss_start", "_edata", "_end"].contains(name)
    }
}
