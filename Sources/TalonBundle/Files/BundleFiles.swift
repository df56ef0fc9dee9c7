package import TalonHooks
import TalonPlatform

/// The files of a bundle, in a folder or in an archive; each by its path in the bundle.
package struct BundleFiles {
    private enum Place {
        case folder(String)
        case archive(Archive, PluginError?)
    }
    private let place: Place

    package static let manifest = "plugin.yaml"
    package static let signature = "plugin.sig"

    /// The manifest answers for it: it does so for all files but itself and its signature.
    package static func needsDigest(_ path: String) -> Bool { path != manifest && path != signature }

    /// It belongs into a bundle, though the folder is one that the plugin is built in: what is in `lib`, and texts such
    /// as README and LICENSE.
    package static func isPacked(_ path: String) -> Bool {
        if path.hasPrefix("lib/") { return true }
        guard !path.utf8.contains(UInt8(ascii: "/")) else { return false }
        let texts = ["README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "CHANGELOG"]
        return texts.contains { path.uppercased().hasPrefix($0) }
    }

    /// Those of the folder at `path`.
    package init(folder path: String) {
        place = .folder(path)
    }

    /// Those of the archive at `path`, which is read here.
    package init(archive path: String) throws(PluginError) {
        let snapshot = try FileSnapshot.read(path)
        place = .archive(try Archive(gzip: snapshot.bytes, path: path), snapshot.exposure)
    }

    /// The paths of all files, in the order of their bytes. Links and what begins with a dot are left out.
    package func paths() throws(PluginError) -> [String] {
        switch place {
        case .archive(let archive, _): return archive.paths
        case .folder(let root):
            var paths: [String] = []
            try BundleFiles.walk(root, "") { (path, kind) in if kind == .regular { paths.append(path) } }
            return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// A file as it is now; nil if there is none.
    func read(_ path: String, limit: Int = PluginFile.sizeLimit) throws(PluginError) -> FileSnapshot? {
        guard BundlePath.problem(path) == nil else { return nil }
        switch place {
        case .archive(let archive, let exposure):
            guard let bytes = archive.contents(of: path) else { return nil }
            guard bytes.count <= limit else {
                throw PluginError(
                    .unreadable, path: path, reason: "is \(bytes.count) bytes long; \(limit) are allowed")
            }
            return FileSnapshot(path: path, bytes: bytes, permissions: 0o644, exposure: exposure)
        case .folder(let root):
            let file = Path.join(root, path)
            guard FileAccess.status(of: file) != nil else { return nil }
            let snapshot = try FileSnapshot.read(file, limit: limit)
            let folders = [Path.folder(of: root), root] + BundlePath.parents(path).map { Path.join(root, $0) }
            let exposure = folders.lazy.compactMap { FileSnapshot.folderExposure($0, path: file) }.first
            return FileSnapshot(
                path: file, bytes: snapshot.bytes, permissions: snapshot.permissions,
                exposure: snapshot.exposure ?? exposure)
        }
    }

    /// The content of the files that are wanted, for packing; no other is read. A link, device or pipe among them is
    /// an error: no archive holds one.
    package func contents(where isWanted: (String) -> Bool = { _ in true }) throws(PluginError) -> [String: [UInt8]] {
        if case .folder(let root) = place {
            var odd: String?
            try BundleFiles.walk(root, "") { (path, kind) in
                if kind != .regular, isWanted(path) { odd = odd ?? path }
            }
            if let odd {
                throw PluginError(
                    .malformed, path: Path.join(root, odd),
                    reason: "is no plain file; a bundle has files and folders only")
            }
        }
        var contents: [String: [UInt8]] = [:]
        for path in try paths() where isWanted(path) { contents[path] = try read(path)?.bytes }
        return contents
    }

    private static func walk(
        _ root: String, _ folder: String, _ body: (String, FileStatus.Kind) -> Void
    ) throws(PluginError) {
        var count = 0
        try walk(root, folder, &count, body)
    }

    private static func walk(
        _ root: String, _ folder: String, _ count: inout Int, _ body: (String, FileStatus.Kind) -> Void
    ) throws(PluginError) {
        let names: [String]
        do {
            names = try FileAccess.names(in: folder.isEmpty ? root : Path.join(root, folder))
        } catch {
            throw PluginError(.unreadable, path: root, reason: "cannot be read: \(SystemError.text(of: error.errno))")
        }
        for name in names where !name.hasPrefix(".") {
            count += 1
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard count <= Archive.entryLimit, BundlePath.parts(path).count <= BundlePath.depthLimit else {
                throw PluginError(
                    .malformed, path: root,
                    reason: "has more than \(Archive.entryLimit) files, or too many folders in each other")
            }
            guard let status = FileAccess.status(of: Path.join(root, path), followingLinks: false) else { continue }
            if status.kind == .folder {
                try walk(root, path, &count, body)
            } else {
                body(path, status.kind)
            }
        }
    }
}
