import Glibc

/// What systemd is for a service: a datagram socket that is told how the service is.
package final class NotifySocket: DatagramReceiver {
    package let path: String
    package let descriptor: Int32
    package var place: String { path }

    package init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        // A name of the abstract namespace, as long as it is said to be.
        let isAbstract = bytes.first == 0x40
        if isAbstract { bytes[0] = 0 }
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        let whole = MemoryLayout<sockaddr_un>.size
        let size = socklen_t(isAbstract ? MemoryLayout<sa_family_t>.size + bytes.count : whole)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard fits, bound == 0 else {
            close(descriptor)
            throw TestFailure("cannot bind \(path)")
        }
    }

    deinit { close(descriptor) }

    /// The next message that has a line; those before it are dropped.
    package func message(with line: String, within allowed: Duration = .seconds(30)) throws -> [String] {
        try eventually("a message with \(line) on \(path)", within: allowed) {
            let lines = try message(within: allowed).split(separator: "\n").map(String.init)
            return lines.contains { $0.hasPrefix(line) } ? lines : nil
        }
    }
}
