import CTalonPlatform
import Glibc

extension FileDescriptor {
    /// A non-blocking connection to a port of this machine, 127.0.0.1. `deadline`: CLOCK_MONOTONIC, nanoseconds.
    package static func connect(toLocal port: UInt16, before deadline: UInt64) throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = Glibc.socket(AF_INET, type, 0)
        guard raw >= 0 else { throw .last("socket") }
        let socket = FileDescriptor(rawValue: raw)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var failure = result == 0 ? 0 : lastErrno
        if failure == EINPROGRESS {
            failure = ETIMEDOUT
            if PollSet.waits(for: socket, .room, before: deadline) {
                var size = socklen_t(MemoryLayout<Int32>.size)
                if getsockopt(raw, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 { failure = lastErrno }
            }
        }
        guard failure == 0 else {
            socket.close()
            throw SystemError(call: "connect", errno: failure, context: "127.0.0.1:\(port)")
        }
        return socket
    }
}
