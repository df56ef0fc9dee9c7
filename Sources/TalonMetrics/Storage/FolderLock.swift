import Glibc
import TalonPlatform

/// The lock of a metric folder: who moves values between its files holds it alone, who reads them all holds it shared.
///
/// It is a lock on the directory itself, so that no file is needed for it, and the kernel gives it back whenever its
/// holder dies.
struct FolderLock {
    private let descriptor: FileDescriptor

    /// Said aloud: a child that is between fork and exec still has the descriptor, and with it the lock.
    func release() {
        flock(descriptor.rawValue, LOCK_UN)
        descriptor.close()
    }

    /// For moving values; nil if another process has it.
    ///
    /// Code `.access` where the directory cannot be opened or locked.
    static func exclusive(_ directory: String) throws(MetricError) -> FolderLock? {
        let folder = try open(directory)
        if flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 { return FolderLock(descriptor: folder) }
        let failure = lastErrno
        folder.close()
        if failure == EWOULDBLOCK { return nil }
        throw MetricError(.access, errno: failure, "lock \(directory)")
    }

    /// For reading; nil if that cannot be had within some seconds, because a process that moves values was stopped, or
    /// because the file system locks no directories. Then nothing is moved either.
    static func shared(_ directory: String) -> FolderLock? {
        guard let folder = try? open(directory) else { return nil }
        for _ in 0..<1000 {
            if flock(folder.rawValue, LOCK_SH | LOCK_NB) == 0 { return FolderLock(descriptor: folder) }
            guard lastErrno == EWOULDBLOCK else { break }
            usleep(2000)  // moving takes milliseconds, and only one exporter moves
        }
        folder.close()
        return nil
    }

    private static func open(_ directory: String) throws(MetricError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(directory, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            throw MetricError(.access, errno: error.errno, "open \(directory)")
        }
    }
}
