package import TalonHooks
import TalonPlatform

/// A bundle as one file: a `.tar.gz` with one folder `NAME.talonplugin`. It is read in memory, strictly: what a bundle
/// has no use for is refused.
package struct Archive: Sendable {
    /// "hello.talonplugin"
    package let name: String
    /// Where each file's content is, by its path in the bundle.
    private let files: [String: Range<Int>]
    /// Paths of all folders in the bundle.
    private let folders: Set<String>
    private let bytes: [UInt8]

    package static let sizeLimit = 1 << 29
    package static let entryLimit = 4096
    /// What the name of a bundle's folder ends with.
    package static let suffix = ".talonplugin"

    /// Reads a `.tar.gz`. `path` is how messages name it.
    package init(gzip: [UInt8], path: String) throws(PluginError) {
        try self.init(tar: Gzip.decompress(gzip, limit: Archive.sizeLimit, path: path), path: path)
    }

    init(tar: [UInt8], path: String) throws(PluginError) {
        var reader = TarReader(tar, path: path)
        try reader.read()
        bytes = tar
        guard let name = reader.top else { throw PluginError(.malformed, path: path, reason: "is an empty archive") }
        guard name.hasSuffix(Archive.suffix), name != Archive.suffix, !name.hasPrefix(".") else {
            throw PluginError(
                .malformed, path: path,
                reason: "has the folder \(name) in it; a bundle is one folder NAME\(Archive.suffix)")
        }
        self.name = name
        files = reader.files
        folders = reader.folders
    }

    /// The paths of its files, in the order of their bytes.
    package var paths: [String] { files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// The content of a file; nil if there is none.
    package func contents(of path: String) -> [UInt8]? { files[path].map { Array(bytes[$0]) } }

    /// Writes the bundle as a folder into `folder`, under its own name; returns its path. Nobody ever sees half of it.
    /// One that is there already is an error.
    package func extract(into folder: String) throws(PluginError) -> String {
        let target = Path.join(folder, name)
        let temporary = Path.join(folder, ".\(name).\(ThisProcess.pid)")
        guard FileAccess.status(of: target, followingLinks: false) == nil else {
            throw PluginError(.unreadable, path: target, reason: "is there already; remove it first")
        }
        FileAccess.remove(tree: temporary)
        do {
            try FileAccess.makeFolder(temporary)
            for path in folders.sorted(by: { $0.utf8.count < $1.utf8.count }) {
                try FileAccess.makeFolder("\(temporary)/\(path)")
            }
            for (path, range) in files { try FileAccess.create("\(temporary)/\(path)", Array(bytes[range])) }
            try FileAccess.renameNew(temporary, to: target)
            return target
        } catch {
            FileAccess.remove(tree: temporary)
            throw PluginError(.unreadable, path: target, reason: "cannot be written: \(error)")
        }
    }
}
