import TalonHooks
import TalonPlatform

extension Command {
    static let install = Command(
        "install", operand: "FILE", "Verifies a plugin and copies it into the drop-in folder.",
        details: [
            "FILE is a shared object, a manifest, or a bundle as folder or archive; an archive is unpacked. What is verified is "
                + "the copy, before it gets its name. A server that runs sees it at its next reload (HUP)."
        ],
        options: [
            .folder,
            Option("--name", value: "NAME", help: "Name of the installed plugin, without ending. [that of FILE]"),
            Option("--replace", help: "Put it in the place of a plugin of the same name."),
            .policy, .trust,
        ],
        failure: "the plugin is refused, or it cannot be copied"
    ) { invocation throws(ToolFailure) in
        let installation = try Installation(invocation)
        try installation.checkPlace(replacing: invocation.has("--replace"))
        let inspected = try installation.perform(invocation, replacing: invocation.has("--replace"))
        let description = inspected.plugin?.description
        let version = description.map { $0.version.isEmpty ? $0.id : "\($0.id) \($0.version)" } ?? ""
        return Report(
            ["installed \(installation.target) (\(version))"] + inspected.remarks,
            [
                ("file", .text(installation.target)), ("id", .optional(description?.id)),
                ("version", .optional(description?.version)), ("remarks", JSON.texts(inspected.remarks)),
            ])
    }
}

/// Brings one plugin into a drop-in folder.
private struct Installation {
    private let source: String
    private let folder: String
    /// With its ending: "hello.so".
    private let name: String
    private let isBundle: Bool

    var target: String { "\(folder)/\(name)" }

    init(_ invocation: Invocation) throws(ToolFailure) {
        source = invocation.operand
        folder = invocation.dropInFolder
        let file = Path.name(of: source.absolutePath)
        let kind = FileAccess.status(of: source)?.kind
        guard kind == .regular || kind == .folder else { throw ToolFailure("\(source) is not there, or is no file") }
        isBundle = kind == .folder || file.hasSuffix(".tar.gz")
        let ending: String
        if isBundle {
            ending = Archive.suffix
        } else if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
            ending = ".yaml"
        } else if file.contains(".so") {
            ending = ".so"
        } else {
            throw ToolFailure(
                "\(source) is no plugin by its name: that ends with .so, .yaml, .yml or .tar.gz, or it is a folder")
        }
        let own =
            [BundleContents.archiveSuffix, ".tar.gz", Archive.suffix, ".so", ".yaml", ".yml"]
            .first { file.hasSuffix($0) }.map { String(file.dropLast($0.count)) } ?? file
        let stem = invocation.text("--name") ?? own
        guard !stem.isEmpty, !stem.hasPrefix("."), !stem.utf8.contains(UInt8(ascii: "/")), stem.utf8.count <= 200,
            !stem.hasSuffix(DropInFolder.disabled), stem.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else {
            throw .usage("option --name is \(stem); it is the name of a file, without / and blanks")
        }
        name = stem + ending
    }

    /// Nothing is overwritten by accident, a disabled plugin neither.
    func checkPlace(replacing: Bool) throws(ToolFailure) {
        guard !replacing else { return }
        for path in [target, target + DropInFolder.disabled]
        where FileAccess.status(of: path, followingLinks: false) != nil {
            throw ToolFailure("\(path) is there already; --replace puts this one in its place")
        }
    }

    /// Copies, verifies the copy, and gives it its name.
    func perform(_ invocation: Invocation, replacing: Bool) throws(ToolFailure) -> Inspecting {
        let limit = 60 * nanosecondsPerSecond
        // First as it is, so that a refusal names the user's own file.
        _ = try Inspecting.of(
            source, policy: invocation.policy, trustFolders: invocation.trustFolders, limit: limit
        ).accepted()
        try checkStandsAlone()
        let workshop = "\(folder)/.install-\(ThisProcess.pid)"
        defer { FileAccess.remove(tree: workshop) }
        do {
            try FileAccess.makeFolder(folder, withParents: true)
            if let exposure = DropInFolder(path: folder).exposure { throw ToolFailure(exposure) }
            FileAccess.remove(tree: workshop)
            try FileAccess.makeFolder(workshop)
            let copy = try self.copy(into: workshop)
            let inspected = try Inspecting.of(
                copy, policy: invocation.policy, trustFolders: invocation.trustFolders, limit: limit
            ).renamed(workshop, to: folder)
            _ = try inspected.accepted()
            if replacing {
                try FileAccess.exchange(copy, for: target)
            } else {
                try FileAccess.renameNew(copy, to: target)
            }
            // What it replaces may have been disabled.
            FileAccess.remove(tree: target + DropInFolder.disabled)
            return inspected
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure("\(source) cannot be installed in \(folder): \(error)")
        }
    }

    /// Of a manifest nothing else is copied.
    private func checkStandsAlone() throws(ToolFailure) {
        guard name.hasSuffix(".yaml") else { return }
        do {
            let text = try FileSnapshot.read(source, limit: PluginVerifier.manifestLimit).bytes
            guard case .relative(let library)? = try PluginManifest.parse(text, file: source).library else { return }
            throw ToolFailure(
                "\(source) needs \(library) beside it, which would not be copied; make both a bundle, "
                    + "or write the library's absolute path")
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure("\(error)")
        }
    }

    private func copy(into workshop: String) throws -> String {
        let copy = "\(workshop)/\(name)"
        if isBundle {
            let contents = try BundleContents.read(source)
            let stem = String(name.dropLast(Archive.suffix.count))
            return try Archive(gzip: contents.packed(as: stem), path: source).extract(into: workshop)
        }
        try FileAccess.create(copy, FileSnapshot.read(source).bytes)
        return copy
    }
}
