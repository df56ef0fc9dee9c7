import CTalonPlatform
import Glibc

/// Questions about files, and the small changes that the master makes to them.
package enum FileAccess {
    /// A regular file that this process may execute; access(2).
    package static func isExecutableFile(_ path: String) -> Bool {
        isRegularFile(path) && access(path, X_OK) == 0
    }

    /// A regular file; stat(2).
    package static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// There is nothing, or nothing that this process may look at; stat(2).
    package static func isMissing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0
    }

    package static func remove(_ path: String) { unlink(path) }

    /// The path without symbolic links; nil if there is no such file.
    package static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Writes a file so that nobody ever sees half of it; rename(2). Mode 0644.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
        let temporary = "\(path).\(getpid())"
        // Ours alone: in a folder like /tmp another user may have put a link there.
        unlink(temporary)
        let file = try FileDescriptor.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        let written = fchmod(file.rawValue, 0o644) == 0 && file.writeAll(bytes)
        file.close()
        guard written, Glibc.rename(temporary, path) == 0 else {
            let error = SystemError.last("write", path)
            unlink(temporary)
            throw error
        }
    }
}

/// What kind of file there is, how long, and who may change it; stat(2).
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Sendable {
        case regular
        case folder
        case link
        case other
    }
    package let kind: Kind
    package let size: Int
    /// The permission bits, sticky bit included: 0o755.
    package let permissions: UInt32
    /// Seconds since 1970 of the last change of its content.
    package let modified: Int

    fileprivate init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        size = Int(status.st_size)
        permissions = status.st_mode & 0o7777
        modified = status.st_mtim.tv_sec
    }

    /// Anybody on the machine may write to it.
    package var isWritableByOthers: Bool { permissions & 0o002 != 0 }
    /// In a folder: what is there may be replaced by its owner only.
    package var isSticky: Bool { permissions & 0o1000 != 0 }
}

extension FileDescriptor {
    /// What is open; fstat(2).
    package func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard fstat(rawValue, &status) == 0 else { throw .last("fstat", "\(rawValue)") }
        return FileStatus(status)
    }

    /// Where the open file is now, symbolic links resolved; nil if it is nowhere.
    package var resolvedPath: String? { FileAccess.resolved("/proc/self/fd/\(rawValue)") }
}

extension FileAccess {
    /// What is at a path; nil if there is nothing that this process may look at.
    package static func status(of path: String, followingLinks: Bool = true) -> FileStatus? {
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        return FileStatus(status)
    }

    /// The names in a folder, in the order of their bytes. One that is no UTF-8 is repaired, and then names no file.
    package static func names(in folder: String) throws(SystemError) -> [String] {
        guard let stream = opendir(folder) else { throw .last("opendir", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = entry.name
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a folder; its parents too if `withParents`, and then one that is there already is right. `mode` is not
    /// changed by the umask.
    package static func makeFolder(
        _ path: String, mode: UInt32 = 0o755, withParents: Bool = false
    ) throws(SystemError) {
        if withParents {
            if status(of: path)?.kind == .folder { return }
            let parent = path.split(separator: "/", omittingEmptySubsequences: true).dropLast().joined(separator: "/")
            if !parent.isEmpty {
                try makeFolder((path.hasPrefix("/") ? "/" : "") + parent, mode: mode, withParents: true)
            }
        }
        guard mkdir(path, mode) == 0 else {
            // Another process was faster.
            if withParents, lastErrno == EEXIST, status(of: path)?.kind == .folder { return }
            throw .last("mkdir", path)
        }
        guard chmod(path, mode) == 0 else { throw .last("chmod", path) }
    }

    /// Writes a file that must not be there yet. Nobody without a right by `mode` can open it at any moment.
    package static func create(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(SystemError) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .last("create", path) }
        let file = FileDescriptor(rawValue: descriptor)
        defer { file.close() }
        guard file.writeAll(bytes), fchmod(descriptor, mode) == 0 else {
            let error = SystemError.last("write", path)
            unlink(path)
            throw error
        }
    }

    /// Gives a file or folder another name; rename(2).
    package static func rename(_ path: String, to target: String) throws(SystemError) {
        guard Glibc.rename(path, target) == 0 else { throw .last("rename", path) }
    }

    /// Gives a file or folder a name that nothing has yet, or else it is EEXIST; renameat2(2).
    package static func renameNew(_ path: String, to target: String) throws(SystemError) {
        guard talon_rename_new(path, target) != 0 else { return }
        // Not every file system can; then two at the same moment are not told apart.
        guard lastErrno == EINVAL, status(of: target, followingLinks: false) == nil else {
            throw .last("rename", path)
        }
        try rename(path, to: target)
    }

    /// Gives a file or folder the name of another, which is deleted. There is always one of that name, where the file
    /// system can exchange; renameat2(2).
    package static func exchange(_ path: String, for target: String) throws(SystemError) {
        if talon_rename_exchange(path, target) == 0 { return remove(tree: path) }
        let old = "\(path).old"
        remove(tree: old)
        if status(of: target, followingLinks: false) != nil { try rename(target, to: old) }
        do {
            try rename(path, to: target)
        } catch {
            _ = Glibc.rename(old, target)
            throw error
        }
        remove(tree: old)
    }

    /// Deletes a file, or a folder with all that is in it; links are not followed.
    package static func remove(tree path: String) {
        guard status(of: path, followingLinks: false)?.kind == .folder else {
            unlink(path)
            return
        }
        for name in (try? names(in: path)) ?? [] { remove(tree: "\(path)/\(name)") }
        rmdir(path)
    }
}
