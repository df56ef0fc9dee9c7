import CTalonPlatform
import Glibc

/// The name of a unix socket: a path, or `@NAME` in Linux's abstract namespace, which has no files; unix(7).
package struct UnixSocketName: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    /// nil if no socket can be called so: it is empty, longer than 107 bytes, or has a NUL.
    package init?(_ text: String) {
        guard !text.isEmpty, text != "@", text.utf8.count < 108, !text.utf8.contains(0) else { return nil }
        description = text
    }

    /// In the abstract namespace, where everybody in the same network namespace can connect.
    package var isAbstract: Bool { description.hasPrefix("@") }

    /// The folder of a path; nil if that is the current one.
    package var folder: String? {
        guard !isAbstract, let slash = description.lastIndex(of: "/"), slash != description.startIndex else {
            return nil
        }
        return String(description[..<slash])
    }

    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(description.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        // The length is part of an abstract name; a path ends with its NUL.
        let size = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: name.sun_path)
        let length = socklen_t(size + bytes.count + (isAbstract ? 0 : 1))
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// A stream socket of this family; close-on-exec, non-blocking.
    func newSocket() throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = socket(AF_UNIX, type, 0)
        guard raw >= 0 else { throw .last("socket", description) }
        return FileDescriptor(rawValue: raw)
    }

    /// Connects, non-blocking. Waits while the other side's queue is full, until `deadline`; CLOCK_MONOTONIC,
    /// nanoseconds.
    package func connect(before deadline: UInt64) throws(SystemError) -> FileDescriptor {
        let socket = try newSocket()
        while withAddress({ Glibc.connect(socket.rawValue, $0, $1) }) != 0 {
            let error = SystemError.last("connect", description)
            // No event tells of room in the queue of a unix socket.
            guard error.isTransient, MonotonicClock.now() < deadline else {
                socket.close()
                throw error
            }
            _ = poll(nil, 0, 20)
        }
        return socket
    }

    /// Whether somebody listens there. What cannot be told counts as yes.
    package var isServed: Bool {
        do {
            try connect(before: 0).close()
            return true
        } catch {
            return error.errno != ECONNREFUSED && error.errno != ENOENT
        }
    }
}
