import Glibc
import TalonPlatform

/// A metric file whose writer has ended, held so that no other takes it over meanwhile.
struct DeadFile {
    /// Nil of a file whose writer locks nothing.
    private let lock: FileDescriptor?

    func release() {
        guard let lock else { return }
        // Said aloud: a child that is between fork and exec still has the descriptor.
        flock(lock.rawValue, LOCK_UN)
        lock.close()
    }

    /// Nil if the writer lives, or may live. `isFree` says of a slot that no worker has it.
    init?(_ path: String, writer: FileWriter, isFree: (Int) -> Bool) {
        switch writer {
        case .talon(let slot):
            // A worker that boots would find its file held, and make another.
            if let slot, !isFree(slot) { return nil }
            guard let lock = Self.lock(path) else { return nil }
            self.lock = lock
        case .substitute:
            guard let lock = Self.lock(path) else { return nil }
            self.lock = lock
        case .application(let slot):
            guard isFree(slot) else { return nil }
            lock = nil
        case .process(let pid):
            guard kill(pid, 0) != 0, lastErrno == ESRCH else { return nil }
            lock = nil
        case .retired:
            lock = nil
        case .unknown:
            return nil
        }
    }

    private static func lock(_ path: String) -> FileDescriptor? {
        guard let file = try? FileDescriptor.open(path, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK) else { return nil }
        var status = stat()
        var atPath = stat()
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0, fstat(file.rawValue, &status) == 0,
            lstat(path, &atPath) == 0, atPath.st_ino == status.st_ino, atPath.st_dev == status.st_dev
        else {
            file.close()
            return nil
        }
        return file
    }
}
