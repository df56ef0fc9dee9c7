import Glibc
package import TalonHooks
import TalonPlatform

/// A file as it was when it was read, through one descriptor: whatever happens to it afterwards, this is judged and
/// used.
package struct FileSnapshot {
    package let path: String
    package let bytes: [UInt8]
    /// The permission bits that it had.
    package let permissions: UInt32
    /// Why others could have written these bytes; nil if they could not.
    package let exposure: PluginError?

    /// Reads a regular file of at most `limit` bytes.
    package static func read(_ path: String, limit: Int = PluginFile.sizeLimit) throws(PluginError) -> FileSnapshot {
        do {
            // Not blocking: opening a pipe would wait for somebody who writes.
            let file = try FileDescriptor.open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
            defer { file.close() }
            let status = try file.status()
            guard status.kind == .regular else {
                throw PluginError(.unreadable, path: path, reason: "is not a file")
            }
            guard status.size <= limit else {
                throw PluginError(
                    .unreadable, path: path, reason: "is \(status.size) bytes long; \(limit) are allowed")
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(status.size)
            // One byte more than it had, to see it grow.
            while bytes.count <= status.size {
                let rest = status.size + 1 - bytes.count
                guard try file.read(upTo: min(rest, 1 << 20), into: &bytes) > 0 else { break }
            }
            guard bytes.count == status.size else {
                throw PluginError(.unreadable, path: path, reason: "is being written; try again when it is complete")
            }
            return FileSnapshot(
                path: path, bytes: bytes, permissions: status.permissions, exposure: exposure(of: path, file, status))
        } catch let error as SystemError {
            throw PluginError(.unreadable, path: path, reason: "cannot be read: \(SystemError.text(of: error.errno))")
        } catch let error as PluginError {
            throw error
        } catch {
            throw PluginError(.unreadable, path: path, reason: "cannot be read")
        }
    }

    /// The bytes, if nobody else could have written them.
    package var trusted: [UInt8] {
        get throws(PluginError) {
            if let exposure { throw exposure }
            return bytes
        }
    }

    private static func exposure(of path: String, _ file: FileDescriptor, _ status: FileStatus) -> PluginError? {
        guard !status.isWritableByOthers else {
            return PluginError(.exposed, path: path, reason: "is writable by everybody; run chmod o-w on it")
        }
        // The folder of the name that was given, and that of the file that it leads to.
        for folder in [Path.folder(of: path), file.resolvedPath.map(Path.folder)].compactMap({ $0 }) {
            if let error = folderExposure(folder, path: path) { return error }
        }
        return nil
    }

    /// Why a file in this folder could be replaced by others; nil if it could not. Where the folder is sticky, as /tmp
    /// is, only its owner can.
    package static func folderExposure(_ folder: String, path: String) -> PluginError? {
        guard let status = FileAccess.status(of: folder), status.isWritableByOthers, !status.isSticky else {
            return nil
        }
        return PluginError(
            .exposed, path: path,
            reason: "is in the folder \(folder), which is writable by everybody; run chmod o-w on it")
    }
}
