import Glibc

/// Which file it is, and when it was last changed other than through a mapping: stat(2).
///
/// Two readings with the same version have the same keys. Writers of the format change no key that is there; what
/// replaces a file has another inode or another time.
struct FileVersion: Equatable {
    /// The clock of file systems is coarser than a change takes.
    private static let settled = 2.0

    private let device: dev_t
    private let inode: ino_t
    private let size: off_t
    private let seconds: time_t
    private let nanoseconds: Int

    /// Nil if the last change is not long enough ago.
    init?(_ status: stat) {
        let changed = Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9
        guard changed + Self.settled < WallClock.seconds() else { return nil }
        device = status.st_dev
        inode = status.st_ino
        size = status.st_size
        seconds = status.st_ctim.tv_sec
        nanoseconds = status.st_ctim.tv_nsec
    }
}
