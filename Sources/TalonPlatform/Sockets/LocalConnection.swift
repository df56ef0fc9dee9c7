import CTalonPlatform
import Glibc

extension FileDescriptor {
    /// A non-blocking connection to where a ``Listener`` of this host, a name or an address, is bound. `deadline`:
    /// CLOCK_MONOTONIC, nanoseconds.
    package static func connect(
        to host: String, port: UInt16, before deadline: UInt64
    ) throws(SystemError) -> FileDescriptor {
        var list: UnsafeMutablePointer<addrinfo>?
        guard resolve(host, port, &list) == 0, let first = list else {
            throw SystemError(call: "getaddrinfo", errno: EADDRNOTAVAIL, context: host)
        }
        defer { freeaddrinfo(list) }
        let context = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = Glibc.socket(first.pointee.ai_family, type, 0)
        guard raw >= 0 else { throw .last("socket", context) }
        let socket = FileDescriptor(rawValue: raw)
        let result = Glibc.connect(raw, first.pointee.ai_addr, first.pointee.ai_addrlen)
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
            throw SystemError(call: "connect", errno: failure, context: context)
        }
        return socket
    }

    /// IPv4 unless the host is an IPv6 address or has no other, as a listener's.
    private static func resolve(
        _ host: String, _ port: UInt16, _ list: inout UnsafeMutablePointer<addrinfo>?
    ) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = host.contains(":") ? AF_INET6 : AF_INET
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure != 0, !host.contains(":") else { return failure }
        hints.ai_family = AF_UNSPEC
        return getaddrinfo(host, String(port), &hints, &list)
    }
}
