import Glibc
import TalonTesting

/// What systemd is for a service: a datagram socket that is told how the service is.
final class NotifySocket {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard fits, bound == 0 else {
            close(descriptor)
            throw TestFailure("cannot bind \(path)")
        }
    }

    deinit { close(descriptor) }

    /// The next message.
    func message(within allowed: Duration = .seconds(30)) throws -> String {
        try eventually("a message on \(path)", within: allowed) {
            var block = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &block, block.count, Int32(MSG_DONTWAIT))
            return count > 0 ? String(decoding: block.prefix(count), as: UTF8.self) : nil
        }
    }
}
