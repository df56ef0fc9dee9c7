import CTalonPlatform
import Glibc

extension Listener {
    /// A listening stream socket that this process inherited; from now on close-on-exec and non-blocking.
    ///
    /// Throws if the descriptor is none.
    package static func adopt(_ descriptor: FileDescriptor) throws(SystemError) -> Listener {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 else {
            throw .last("getsockopt", "\(descriptor.rawValue)")
        }
        var type: Int32 = 0
        guard getsockopt(descriptor.rawValue, SOL_SOCKET, SO_TYPE, &type, &size) == 0 else {
            throw .last("getsockopt", "\(descriptor.rawValue)")
        }
        guard type == Int32(SOCK_STREAM.rawValue) else {
            throw SystemError(call: "getsockopt", errno: ESOCKTNOSUPPORT, context: "\(descriptor.rawValue)")
        }
        guard listens != 0, let address = ListenAddress.bound(to: descriptor) else {
            throw SystemError(call: "getsockopt", errno: EINVAL, context: "\(descriptor.rawValue) does not listen")
        }
        descriptor.setCloseOnExec()
        try descriptor.setNonBlocking()
        var on: Int32 = 1  // in vain on a unix socket
        setsockopt(descriptor.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        return Listener(inherited: descriptor, address: address)
    }
}

extension ListenAddress {
    /// What a socket is bound to; nil if that is neither IP nor a unix socket with a path.
    fileprivate static func bound(to socket: FileDescriptor) -> ListenAddress? {
        var name = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.rawValue, $0, &length) }
        }
        guard result == 0 else { return nil }
        if Int32(name.sun_family) == AF_UNIX {
            let path = withUnsafeBytes(of: &name.sun_path) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return path.isEmpty ? nil : .unix(path: path)
        }
        return SocketName.local(of: socket).map { .tcp(host: $0.host, port: $0.port) }
    }
}
