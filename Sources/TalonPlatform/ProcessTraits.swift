import CTalonPlatform
import Glibc

/// What foreign code might change for everybody in its process: the calling thread's signal mask, the working directory
/// and the file mode mask; sigprocmask(2), chdir(2), umask(2).
package struct ProcessTraits {
    private var mask = sigset_t()
    /// Where the process is; nil if that cannot be told.
    private let directory: FileDescriptor?
    private let fileMask: mode_t?

    /// As they are now. Follow it by ``restore()``, which closes what it holds.
    package init() {
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        directory = try? .open(".", flags: O_RDONLY | O_DIRECTORY)
        fileMask = ProcessTraits.currentFileMask
    }

    /// Puts back what has changed since, and names it.
    package func restore() -> [String] {
        var changed: [String] = []
        var now = sigset_t()
        var before = mask
        pthread_sigmask(SIG_BLOCK, nil, &now)
        let signals = Int32(1)..<Int32(64)
        if signals.contains(where: { sigismember(&now, $0) != sigismember(&before, $0) }) {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            changed.append("the signal mask")
        }
        if let directory {
            defer { directory.close() }
            var (old, new) = (stat(), stat())
            if fstat(directory.rawValue, &old) == 0,
                stat(".", &new) != 0 || old.st_ino != new.st_ino || old.st_dev != new.st_dev
            {
                _ = fchdir(directory.rawValue)
                changed.append("the working directory")
            }
        }
        if let fileMask, ProcessTraits.currentFileMask != fileMask {
            umask(fileMask)
            changed.append("the file mode mask")
        }
        return changed
    }

    /// By proc(5): umask(2) can only be read by changing it, which other threads would notice.
    private static var currentFileMask: mode_t? {
        guard let bytes = try? FileDescriptor.contents(of: "/proc/self/status") else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Umask:") }
        return line.flatMap { mode_t($0.dropFirst(6).filter(\.isNumber), radix: 8) }
    }
}
