import CTalonPlatform
import Glibc

/// A listening socket. The master opens it; all workers accept from it.
package struct Listener: Sendable {
    package let descriptor: FileDescriptor
    /// What it is really bound to: the address, and the port that the kernel chose if 0 was asked for.
    package let address: ListenAddress

    package init(inherited descriptor: FileDescriptor, address: ListenAddress) {
        self.descriptor = descriptor
        self.address = address
    }

    /// Binds and listens; non-blocking, close-on-exec, SO_REUSEADDR. An old unix socket at the path is replaced; any
    /// other file there is an error.
    ///
    /// `umask` is for the file of a unix socket. `sharesPort`: a TCP socket that is bound with SO_REUSEPORT and does not
    /// listen yet, for others may be bound to the same port; see ``listen(backlog:)``.
    package static func open(
        _ address: ListenAddress, backlog: Int32 = 2048, umask: UInt32 = 0, sharesPort: Bool = false
    ) throws(SystemError) -> Listener {
        switch address {
        case .unix(let path): try openUnix(path, backlog: backlog, umask: umask)
        case .tcp(let host, let port): try openTCP(host: host, port: port, backlog: sharesPort ? nil : backlog)
        }
    }

    /// Begins to listen. The connections of a port with several sockets go to those that listen.
    package func listen(backlog: Int32) throws(SystemError) {
        guard Glibc.listen(descriptor.rawValue, backlog) == 0 else { throw .last("listen", address.inErrors) }
    }

    private static func openUnix(_ path: String, backlog: Int32, umask mode: UInt32) throws(SystemError) -> Listener {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw SystemError(call: "bind", errno: EEXIST, context: "\(path) (not a socket; remove it)")
            }
            unlink(path)
        }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &name.sun_path) { buffer in
            guard bytes.count < buffer.count else { return false }
            buffer.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw SystemError(call: "bind", errno: ENAMETOOLONG, context: path) }
        let raw = try newSocket(AF_UNIX, context: path)
        // gunicorn's umask is 0 unless it is set: the proxy in front is mostly another user.
        let mask = umask(mode)
        defer { umask(mask) }
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw.rawValue, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return try finish(raw, bound: bound, backlog: backlog, address: .unix(path: path))
    }

    /// Without a backlog it shares its port, and does not listen yet.
    private static func openTCP(host: String, port: UInt16, backlog: Int32?) throws(SystemError) -> Listener {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // IPv4 unless the host is an IPv6 address, as gunicorn: an empty host is every IPv4 address, and "localhost"
        // is 127.0.0.1. A name that has no IPv4 address may have another.
        hints.ai_family = host.contains(":") ? AF_INET6 : AF_INET
        var list: UnsafeMutablePointer<addrinfo>?
        var failure = getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        if failure != 0, !host.contains(":") {
            hints.ai_family = AF_UNSPEC
            failure = getaddrinfo(host, String(port), &hints, &list)
        }
        guard failure == 0, let first = list else {
            throw SystemError(
                call: "getaddrinfo", errno: failure == EAI_SYSTEM ? lastErrno : EADDRNOTAVAIL, context: host)
        }
        defer { freeaddrinfo(list) }
        let raw = try newSocket(first.pointee.ai_family, context: host)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(raw.rawValue, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if backlog == nil, setsockopt(raw.rawValue, SOL_SOCKET, SO_REUSEPORT, &on, size) != 0 {
            defer { raw.close() }
            throw .last("setsockopt", "SO_REUSEPORT")
        }
        // Accepted sockets inherit it, which saves a system call for each connection.
        setsockopt(raw.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        let bound = bind(raw.rawValue, first.pointee.ai_addr, first.pointee.ai_addrlen)
        let name = host.isEmpty ? "0.0.0.0" : host
        let listener = try finish(raw, bound: bound, backlog: backlog, address: .tcp(host: name, port: port))
        guard port == 0, let real = SocketName.local(of: raw) else { return listener }
        return Listener(inherited: raw, address: .tcp(host: name, port: real.port))
    }

    /// Ends listening in every process that has the socket, and closes it here; shutdown(2).
    package func shutDown() {
        _ = shutdown(descriptor.rawValue, Int32(SHUT_RDWR))
        descriptor.close()
    }

    private static func newSocket(_ family: Int32, context: String) throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = socket(family, type, 0)
        guard raw >= 0 else { throw .last("socket", context) }
        return FileDescriptor(rawValue: raw)
    }

    private static func finish(
        _ raw: FileDescriptor, bound: Int32, backlog: Int32?, address: ListenAddress
    ) throws(SystemError) -> Listener {
        guard bound == 0, backlog.map({ Glibc.listen(raw.rawValue, $0) }) ?? 0 == 0 else {
            let error = SystemError.last("bind", address.inErrors)
            raw.close()
            throw error
        }
        return Listener(inherited: raw, address: address)
    }
}

/// The name of one end of a socket.
package struct SocketName: Equatable, Sendable {
    /// Numeric address; empty for a unix socket.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// getsockname(2).
    package static func local(of socket: FileDescriptor) -> SocketName? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.rawValue, $0, &length) }
        }
        return result == 0 ? SocketName(storage) : nil
    }

    init(_ storage: sockaddr_storage) {
        var storage = storage
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch Int32(storage.ss_family) {
        case AF_INET:
            var address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count))
            port = UInt16(bigEndian: address.sin_port)
        case AF_INET6:
            var address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }
            inet_ntop(AF_INET6, &address.sin6_addr, &text, socklen_t(text.count))
            port = UInt16(bigEndian: address.sin6_port)
        default:
            port = 0
        }
        host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
