import TalonPlatform

/// A shared object that was looked at, not loaded.
package struct PluginFile: Sendable, Equatable {
    /// Where it is, as messages name it.
    package let path: String
    /// It says who it is: it exports ``identitySymbol``.
    package let hasIdentity: Bool
    /// The names of all functions that it exports.
    package let exports: Set<String>
    /// The libraries that it needs, by name.
    package let needed: [String]
    /// The name by which others need it.
    package let soname: String?
    /// It is written in Swift, at least in part.
    package let isSwift: Bool

    /// The name of the function that every plugin exports.
    package static let identitySymbol = "talon_plugin_info_1"
    /// The longest shared object that is read, in bytes.
    package static let sizeLimit = 1 << 28

    /// The hooks that it exports, by their standard names.
    package var hooks: Set<HookPoint> { Set(HookPoint.allCases.filter { exports.contains($0.symbol) }) }

    /// Looks at the bytes of a shared object. `needsIdentity`: no manifest says what its functions are.
    package init(_ bytes: [UInt8], path: String, needsIdentity: Bool = true) throws(PluginError) {
        let image: ELFImage
        do {
            image = try ELFImage(bytes)
        } catch {
            throw PluginFile.describe(error, path)
        }
        self.path = path
        exports = image.exports
        needed = image.needed
        soname = image.soname
        isSwift = image.hasSwiftSections
        hasIdentity = image.exports.contains(PluginFile.identitySymbol)
        try checkIdentity(isNeeded: needsIdentity)
        // Two Swift runtimes in one process do not know each other's types, and fail late and strangely.
        guard !image.definesSwiftRuntime, !isSwift || needed.contains("libswiftCore.so") else {
            throw PluginError(
                .ownRuntime, path: path,
                reason: "has its own Swift runtime inside; link it dynamically (without -static-stdlib)")
        }
    }

    /// Reads the file, and looks at its bytes.
    package static func inspect(_ path: String) throws(PluginError) -> PluginFile {
        let bytes: [UInt8]
        // Opening anything else, a pipe for one, might wait for ever.
        guard FileAccess.isRegularFile(path) || FileAccess.isMissing(path) else {
            throw PluginError(.unreadable, path: path, reason: "is not a file; a plugin is a shared object")
        }
        do {
            bytes = try FileDescriptor.contents(of: path, limit: sizeLimit)
        } catch {
            throw PluginError(
                .unreadable, path: path, reason: "cannot be read: \(SystemError.text(of: error.errno))")
        }
        return try PluginFile(bytes, path: path)
    }

    /// A plugin of Talon's own distribution, or an application: trusted as Talon itself is.
    package var own: ResolvedPlugin {
        var description = PluginDescription(id: path.split(separator: "/").last.map(String.init) ?? path, origin: path)
        description.bindings = bindings
        description.isOwn = true
        return ResolvedPlugin(description, .file(path))
    }

    /// The hooks that it exports, each with the standard signature; in the order of their numbers.
    package var bindings: [PluginDescription.Binding] {
        let hooks = hooks
        return HookPoint.allCases.filter { hooks.contains($0) }.map { PluginDescription.Binding($0) }
    }

    /// A plugin for another major has another entry, and is told from one without identity.
    private func checkIdentity(isNeeded: Bool) throws(PluginError) {
        guard !hasIdentity else { return }
        if let other = exports.filter({ $0.hasPrefix("talon_plugin_info_") }).min() {
            throw PluginError(
                .noIdentity, path: path,
                reason: "it is made for another ABI: it exports \(other), "
                    + "and this Talon needs \(PluginFile.identitySymbol)")
        }
        guard isNeeded else { return }
        throw PluginError(
            .noIdentity, path: path,
            reason: "it has no identity: it does not export \(PluginFile.identitySymbol); "
                + "write TALON_PLUGIN(id, version) in it")
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
