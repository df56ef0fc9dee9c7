import CTalonPlatform
import Glibc

/// A listening unix socket of the server itself, and its file.
///
/// Unlike a ``Listener`` of the application it takes no name from anybody who is alive, and nobody without a right by
/// its mode can connect at any moment.
package struct UnixListener: Sendable {
    package let descriptor: FileDescriptor
    package let name: UnixSocketName
    /// Which file it made: another may stand there when this one ends.
    private let file: FileIdentity?

    private static let backlog: Int32 = 64

    /// Binds and listens; non-blocking, close-on-exec. A missing folder is made, for this user alone; a socket that
    /// nobody serves any more is replaced, anything else there is an error. One thread, for the umask is the process's.
    package static func open(_ name: UnixSocketName, mode: UInt32) throws(SystemError) -> UnixListener {
        if !name.isAbstract { try clear(name) }
        let socket = try name.newSocket()
        let mask = umask(0o777 & ~mode)
        let bound = name.withAddress { bind(socket.rawValue, $0, $1) }
        let failure = lastErrno
        umask(mask)
        guard bound == 0 else {
            socket.close()
            throw SystemError(call: "bind", errno: failure, context: name.description)
        }
        let listener = UnixListener(
            descriptor: socket, name: name, file: name.isAbstract ? nil : FileIdentity(name.description))
        guard listen(socket.rawValue, backlog) == 0 else {
            let error = SystemError.last("listen", name.description)
            listener.close()
            throw error
        }
        return listener
    }

    private static func clear(_ name: UnixSocketName) throws(SystemError) {
        let path = name.description
        if let folder = name.folder, FileAccess.status(of: folder) == nil {
            try FileAccess.makeFolder(folder, mode: 0o700)
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(call: "bind", errno: EEXIST, context: "\(path) (not a socket; remove it)")
        }
        guard !name.isServed else { throw SystemError(call: "bind", errno: EADDRINUSE, context: path) }
        unlink(path)
    }

    /// What came of an attempt to accept.
    package enum Accepted: Sendable {
        case connection(FileDescriptor)
        case nobody
        /// There are no descriptors left; waiting is all that helps.
        case exhausted
    }

    /// accept4(2), once: non-blocking and close-on-exec.
    package func accept() -> Accepted {
        switch Listener(inherited: descriptor, address: .unix(path: name.description)).accept() {
        case .accepted(let socket): .connection(socket.descriptor)
        case .none, .ended: .nobody
        case .exhausted: .exhausted
        }
    }

    /// Ends listening, and removes the file if it is still this socket's.
    package func close() {
        descriptor.close()
        if let file, FileIdentity(name.description) == file { unlink(name.description) }
    }
}

/// Which file a path leads to, the last link not followed.
private struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}

/// Who is at the other end of a unix socket.
package struct UnixPeer: Sendable {
    package let pid: Int32
    package let user: UInt32

    /// nil if the kernel does not tell.
    package init?(of socket: FileDescriptor) {
        var process: pid_t = 0
        var owner: uid_t = 0
        guard talon_peer(socket.rawValue, &process, &owner) == 0 else { return nil }
        pid = process
        user = owner
    }

    /// This process's own user, or the one who may do everything anyway.
    package var isOwnerOrRoot: Bool { user == 0 || user == geteuid() }
}
