package import TalonHooks

/// Packs a bundle: the same files give the same bytes, whoever packs them and when.
package enum ArchiveWriter {
    /// A `.tar.gz` with the folder `name` ("hello.talonplugin"), which holds `files` by their paths in it.
    package static func pack(_ name: String, files: [String: [UInt8]]) throws(PluginError) -> [UInt8] {
        guard files.count <= Archive.entryLimit / 2 else {
            throw PluginError(.malformed, path: name, reason: "has \(files.count) files, which is too many")
        }
        // Folders have a slash at their end, which is how they sort before what is in them.
        var entries: [String: [UInt8]] = ["\(name)/": []]
        for (path, bytes) in files {
            if let problem = BundlePath.problem("\(name)/\(path)") {
                throw PluginError(.malformed, path: "\(name)/\(path)", reason: problem)
            }
            for folder in BundlePath.parents(path) { entries["\(name)/\(folder)/"] = [] }
            entries["\(name)/\(path)"] = bytes
        }
        var tar: [UInt8] = []
        for (path, bytes) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let header = TarHeader(path: path, isFolder: path.hasSuffix("/"), size: bytes.count)
            guard let block = header.encoded else {
                throw PluginError(.malformed, path: path, reason: "has a name that is too long for an archive")
            }
            tar += block
            tar += bytes
            tar += [UInt8](repeating: 0, count: (TarHeader.size - bytes.count % TarHeader.size) % TarHeader.size)
        }
        tar += [UInt8](repeating: 0, count: 2 * TarHeader.size)
        guard tar.count <= Archive.sizeLimit else {
            throw PluginError(
                .malformed, path: name, reason: "has \(tar.count) bytes in it; \(Archive.sizeLimit) are allowed")
        }
        // What would be refused when it is read is not written.
        _ = try Archive(tar: tar, path: name)
        return try Gzip.compress(tar, path: name)
    }
}
