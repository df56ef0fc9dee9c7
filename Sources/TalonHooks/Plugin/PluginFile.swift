import TalonPlatform

/// A shared object that was looked at, not loaded.
package struct PluginFile: Sendable, Equatable {
    /// Absolute.
    package let path: String
    /// The hooks that it exports.
    package let hooks: Set<HookPoint>

    /// The name of the function that every plugin exports.
    package static let identitySymbol = "talon_plugin_info_1"

    /// Reads its symbol table. A plugin for another major has another entry, and is told from one without identity.
    package static func inspect(_ path: String) throws(PluginError) -> PluginFile {
        let bytes: [UInt8]
        // Opening anything else, a pipe for one, might wait for ever.
        guard FileAccess.isRegularFile(path) || FileAccess.isMissing(path) else {
            throw PluginError(.unreadable, path: path, reason: "is not a file; a plugin is a shared object")
        }
        do {
            bytes = try FileDescriptor.contents(of: path, limit: 1 << 28)
        } catch {
            throw PluginError(
                .unreadable, path: path, reason: "cannot be read: \(SystemError.text(of: error.errno))")
        }
        let image: ELFImage
        do {
            image = try ELFImage(bytes)
        } catch {
            throw describe(error, path)
        }
        guard image.exports.contains(identitySymbol) else {
            let other = image.exports.first { $0.hasPrefix("talon_plugin_info_") }
            let reason =
                other.map { "it is made for another ABI: it exports \($0), and this Talon needs \(identitySymbol)" }
                ?? "it has no identity: it does not export \(identitySymbol); write TALON_PLUGIN(id, version) in it"
            throw PluginError(.noIdentity, path: path, reason: reason)
        }
        let hooks = HookPoint.allCases.filter { image.exports.contains($0.symbol) }
        return PluginFile(path: path, hooks: Set(hooks))
    }

    /// A plugin of Talon's own distribution, or an application: trusted as Talon itself is.
    package var own: ResolvedPlugin {
        var description = PluginDescription(id: path.split(separator: "/").last.map(String.init) ?? path, origin: path)
        description.bindings = HookPoint.allCases.filter { hooks.contains($0) }.map { PluginDescription.Binding($0) }
        description.isOwn = true
        return ResolvedPlugin(description, .file(path))
    }

    private static func describe(_ problem: ELFImage.Problem, _ path: String) -> PluginError {
        switch problem {
        case .notELF: PluginError(.notELF, path: path, reason: "is no ELF file; a plugin is a shared object")
        case .notSharedObject:
            PluginError(.notELF, path: path, reason: "is no shared object; link it with -shared")
        case .wrongMachine(let machine):
            PluginError(
                .wrongMachine, path: path,
                reason: "is built for another machine (ELF machine \(machine), this one is \(ELFImage.hostMachine))")
        case .damaged: PluginError(.notELF, path: path, reason: "is a damaged ELF file")
        }
    }
}
