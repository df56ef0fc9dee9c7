import CTalonPlatform
import Glibc

/// Messages to a unix datagram socket that another process has.
package enum DatagramSocket {
    /// Sends one. Waits for nothing: what there is no room for is an error, EAGAIN. A path that begins with `@` is a
    /// name of the abstract namespace; unix(7).
    package static func send(_ bytes: [UInt8], to path: String) throws(SystemError) {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var text = Array(path.utf8)
        let isAbstract = text.first == 0x40
        if isAbstract { text[0] = 0 }
        // An abstract name is as long as it is said to be, a path ends with a zero.
        let length = MemoryLayout<sa_family_t>.size + text.count + (isAbstract ? 0 : 1)
        guard length <= MemoryLayout<sockaddr_un>.size else {
            throw SystemError(call: "sendto", errno: ENAMETOOLONG, context: path)
        }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: text) }
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = socket(AF_UNIX, type, 0)
        guard raw >= 0 else { throw .last("socket", path) }
        defer { close(raw) }
        let count = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                retrying { sendto(raw, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, socklen_t(length)) }
            }
        }
        guard count == bytes.count else { throw .last("sendto", path) }
    }
}
