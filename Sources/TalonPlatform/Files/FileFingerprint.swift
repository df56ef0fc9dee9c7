import CTalonPlatform
import Glibc

/// What tells that a file is not the one that it was: where it lies, how long it is, when it was changed; stat(2).
package struct FileFingerprint: Equatable, Sendable {
    private let numbers: [Int64]

    /// There is no file.
    package var isMissing: Bool { numbers.isEmpty }

    /// Of what is at the path, links followed; one of nothing if there is nothing.
    package init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            numbers = []
            return
        }
        numbers = [
            Int64(truncatingIfNeeded: status.st_dev), Int64(truncatingIfNeeded: status.st_ino), Int64(status.st_size),
            Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_sec),
            Int64(status.st_ctim.tv_nsec),
        ]
    }
}
