import CTalonPlatform
import Glibc

/// Two connected sockets of this machine; socketpair(2).
package enum SocketPair {
    /// Close-on-exec, and non-blocking if wanted.
    package static func open(isNonBlocking: Bool = false) throws(SystemError) -> (FileDescriptor, FileDescriptor) {
        var ends: [Int32] = [0, 0]
        let mode = isNonBlocking ? SOCK_NONBLOCK.rawValue : 0
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | mode)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .last("socketpair") }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }
}
