import TalonHooks
import TalonPlatform
import TalonYAML

/// The files of a bundle, whether it is a folder or an archive, in memory.
struct BundleContents {
    static let archiveSuffix = Archive.suffix + ".tar.gz"

    enum Form {
        case folder
        case archive
    }

    /// As messages name it.
    let path: String
    let form: Form
    /// Without ".talonplugin".
    let name: String
    /// By path in the bundle.
    var files: [String: [UInt8]]

    /// Reads a folder with a manifest, or an archive; throws for anything else.
    ///
    /// Of a folder, which may be one that a plugin is built in, only what belongs into a bundle: manifest, signature,
    /// `lib`, the library that the manifest names, and texts such as README and LICENSE.
    static func read(_ path: String) throws(ToolFailure) -> BundleContents {
        do {
            switch FileAccess.status(of: path)?.kind {
            case .folder:
                let name = stem(Path.name(of: path.absolutePath))
                let folder = BundleFiles(folder: path)
                let own = [BundleFiles.manifest, BundleFiles.signature]
                var contents = BundleContents(
                    path: path, form: .folder, name: name, files: try folder.contents { own.contains($0) })
                let library: String? =
                    if case .relative(let file) = try contents.manifest().library { file } else { nil }
                let others = try folder.contents { BundleFiles.isPacked($0) || $0 == library }
                contents.files.merge(others) { first, _ in first }
                return contents
            case .regular where path.hasSuffix(".tar.gz"):
                let archive = try Archive(gzip: FileSnapshot.read(path).bytes, path: path)
                var files: [String: [UInt8]] = [:]
                for name in archive.paths { files[name] = archive.contents(of: name) }
                return BundleContents(path: path, form: .archive, name: stem(archive.name), files: files)
            case nil: throw ToolFailure("\(path) is not there")
            default: throw ToolFailure("\(path) is no bundle: neither a folder nor a .tar.gz file")
            }
        } catch let failure as ToolFailure {
            throw failure
        } catch {
            throw ToolFailure("\(error)")
        }
    }

    private static func stem(_ name: String) -> String {
        name.hasSuffix(Archive.suffix) ? String(name.dropLast(Archive.suffix.count)) : name
    }
}

extension BundleContents {
    func manifest() throws(ToolFailure) -> PluginManifest {
        guard let bytes = files[BundleFiles.manifest] else {
            throw ToolFailure("\(path) is no bundle: it has no \(BundleFiles.manifest)")
        }
        do {
            return try PluginManifest.parse(bytes, file: "\(path)/\(BundleFiles.manifest)")
        } catch {
            throw ToolFailure(error.description)
        }
    }

    /// The digest of each file that the manifest answers for.
    var digests: [String: String] {
        files.filter { BundleFiles.needsDigest($0.key) }.mapValues { Digest.hexadecimal(of: $0) }
    }

    /// As an archive of the folder `NAME.talonplugin`.
    func packed(as name: String? = nil) throws(ToolFailure) -> [UInt8] {
        do {
            return try ArchiveWriter.pack((name ?? self.name) + Archive.suffix, files: files)
        } catch {
            throw ToolFailure("\(error)")
        }
    }
}
