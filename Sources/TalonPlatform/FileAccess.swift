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
        let written = file.writeAll(bytes)
        file.close()
        guard written, rename(temporary, path) == 0 else {
            let error = SystemError.last("write", path)
            unlink(temporary)
            throw error
        }
    }
}
