import TalonHooks
import TalonPlatform
import TalonSettings

/// A folder whose plugins a server loads, as the tool changes it.
struct DropInFolder {
    /// Something in it that a server would load, were it not disabled.
    struct Entry {
        let folder: String
        /// Of the file, without ".disabled".
        let name: String
        let isEnabled: Bool

        var path: String { "\(folder)/\(name)\(isEnabled ? "" : DropInFolder.disabled)" }

        /// The name without what tells its form: "hello" of "hello.talonplugin.tar.gz".
        var stem: String {
            DropInFolder.forms.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
        }
    }

    static let disabled = ".disabled"
    /// How the names of plugins end.
    static let forms = [BundleContents.archiveSuffix, ".tar.gz", Archive.suffix, ".so", ".yaml", ".yml"]

    let path: String

    /// Why a server loads nothing of it; nil if it does.
    var exposure: String? {
        guard FileAccess.status(of: path)?.isWritableByOthers == true else { return nil }
        return "the folder \(path) is one that everybody may write to, and no server loads anything of it; "
            + "run chmod o-w on it"
    }

    /// Sorted by name. A folder that is missing is empty.
    func entries() throws(ToolFailure) -> [Entry] {
        guard FileAccess.status(of: path) != nil else { return [] }
        do {
            return try FileAccess.names(in: path).compactMap { file in
                let isEnabled = !file.hasSuffix(DropInFolder.disabled)
                let name = isEnabled ? file : String(file.dropLast(DropInFolder.disabled.count))
                guard !name.hasPrefix("."), DropInFolder.forms.contains(where: { name.hasSuffix($0) }) else {
                    return nil
                }
                return Entry(folder: path, name: name, isEnabled: isEnabled)
            }
        } catch {
            throw ToolFailure("the folder \(path) cannot be read: \(SystemError.text(of: error.errno))")
        }
    }
}

extension Invocation {
    /// The folders that a command looks at: that of --dir, else those of a server.
    var dropInFolders: [DropInFolder] {
        if let folder = text("--dir") { return [DropInFolder(path: folder.absolutePath)] }
        return UserFolders.all(system: "/etc/talon/plugins.d", user: "plugins.d").map { DropInFolder(path: $0) }
    }

    /// The one plugin that the operand names: its file's name, whole or without what tells its form.
    func installed() throws(ToolFailure) -> DropInFolder.Entry {
        var found: [DropInFolder.Entry] = []
        for folder in dropInFolders {
            found += try folder.entries().filter {
                [$0.name, $0.stem, $0.name + DropInFolder.disabled].contains(operand)
            }
        }
        guard let entry = found.first else {
            let places = dropInFolders.map(\.path).joined(separator: " or ")
            throw ToolFailure("there is no plugin \(operand) in \(places); talon plugin list tells what there is")
        }
        guard found.count == 1 else {
            let paths = found.map(\.path).joined(separator: ", ")
            throw ToolFailure("\(operand) may be any of \(paths); give the file's whole name, and --dir")
        }
        return entry
    }
}
