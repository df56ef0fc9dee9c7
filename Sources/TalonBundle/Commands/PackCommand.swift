import TalonHooks
import TalonPlatform

extension Command {
    static let pack = Command(
        "pack", operand: "FOLDER", "Makes one file of a bundle's folder, NAME.talonplugin.tar.gz.",
        details: [
            "Into plugin.yaml go the SHA-256 digests of all files; what else is written there stays as it is. The same files "
                + "give the same archive, whoever packs them and when. Packed are plugin.yaml, plugin.sig, lib, the library "
                + "that the manifest names, README, LICENSE, NOTICE and CHANGELOG."
        ],
        options: [
            Option(
                "-o", "--output", value: "FILE", help: "The archive. [NAME.talonplugin.tar.gz in the current folder]")
        ],
        failure: "the folder is no bundle, or the archive cannot be written"
    ) { invocation throws(ToolFailure) in
        var contents = try BundleContents.read(invocation.operand)
        guard contents.form == .folder else { throw ToolFailure("\(contents.path) is packed already") }
        let manifest = try contents.manifest()
        guard contents.digests.keys.contains(where: { $0.hasSuffix(".so") }) || manifest.isOfSystemLibrary(in: contents)
        else { throw ToolFailure("\(contents.path) has no shared object in lib; build the plugin first") }
        let unsigned = try contents.stateDigests()
        let output = (invocation.text("--output") ?? contents.name + BundleContents.archiveSuffix)
        guard output.hasSuffix(".tar.gz") else {
            throw .usage("option --output is \(output); an archive is NAME\(BundleContents.archiveSuffix)")
        }
        let archive = try contents.packed()
        do throws(SystemError) {
            try FileAccess.replace(output, with: archive)
        } catch {
            throw ToolFailure("\(output) cannot be written: \(SystemError.text(of: error.errno))")
        }
        let isSigned = contents.files[BundleFiles.signature] != nil
        return Report(
            ["packed \(output) (\(manifest.id) \(manifest.version), \(contents.files.count) files)"]
                + (unsigned ? ["the signature was of another manifest and is gone; sign it again"] : []),
            [
                ("file", .text(output)), ("id", .text(manifest.id)), ("version", .text(manifest.version)),
                ("digest", .text(Digest.hexadecimal(of: archive))), ("signed", .truth(isSigned)),
                ("files", .object(contents.digests.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
            ])
    }
}

extension PluginManifest {
    /// Its functions are those of a library of the system.
    fileprivate func isOfSystemLibrary(in contents: BundleContents) -> Bool {
        if case .name? = library { contents.digests.keys.allSatisfy { !$0.hasPrefix("lib/") } } else { false }
    }
}

extension BundleContents {
    /// Has the manifest state the digests of the files, here and in the folder. A signature of another manifest goes:
    /// true if there was one.
    fileprivate mutating func stateDigests() throws(ToolFailure) -> Bool {
        let old = files[BundleFiles.manifest] ?? []
        let new = Array(PluginManifest.withFiles(String(decoding: old, as: UTF8.self), files: digests).utf8)
        guard new != old else { return false }
        files[BundleFiles.manifest] = new
        let stated = try manifest().files
        guard stated == digests else {
            throw ToolFailure("\(path)/plugin.yaml cannot state digests; write it as a block mapping")
        }
        let wasSigned = files.removeValue(forKey: BundleFiles.signature) != nil
        do {
            try FileAccess.replace("\(path)/\(BundleFiles.manifest)", with: new)
        } catch {
            throw ToolFailure("\(path)/plugin.yaml cannot be written: \(SystemError.text(of: error.errno))")
        }
        if wasSigned { FileAccess.remove("\(path)/\(BundleFiles.signature)") }
        return wasSigned
    }
}
