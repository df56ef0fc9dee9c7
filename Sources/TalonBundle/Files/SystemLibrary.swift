import TalonHooks
import TalonPlatform

/// A library of the system, found by its name as the dynamic linker finds it, without running anything of it.
enum SystemLibrary {
    /// Where the linker looks if its cache does not know the name.
    private static var folders: [String] {
        let triple = PluginTarget.current
        return ["/lib/\(triple)", "/usr/lib/\(triple)", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
    }

    /// Reads the library `name`; `file` is the manifest that asks for it.
    static func read(_ name: String, file: String) throws(PluginError) -> FileSnapshot {
        guard !name.isEmpty, name.utf8.count <= 255, !name.utf8.contains(UInt8(ascii: "/")), !name.hasPrefix(".") else {
            throw PluginError(.malformed, path: file, reason: "names the library '\(name)', which is no library's name")
        }
        let candidates = LinkerCache.ofSystem().paths(of: name) + folders.map { "\($0)/\(name)" }
        guard let path = candidates.first(where: { FileAccess.isRegularFile($0) }) else {
            throw PluginError(
                .unreadable, path: file,
                reason: "needs the library \(name), which this system does not have; install it, "
                    + "or write ./\(name) for a file beside the manifest")
        }
        return try FileSnapshot.read(path)
    }
}
