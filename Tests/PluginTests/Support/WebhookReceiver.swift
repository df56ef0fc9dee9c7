import Glibc
import TalonTesting

/// A server for one request at a time, which the test takes and answers by itself.
final class WebhookReceiver {
    let port: UInt16
    private let listener: Int32

    init() throws {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        listener = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isBound else {
            close(listener)
            throw TestFailure("cannot listen on the loopback")
        }
    }

    deinit { close(listener) }

    /// Waits for the next request and answers it; returns all of it.
    func take(answering status: String = "204 No Content", within allowed: Duration = .seconds(30)) throws -> String {
        let connection = try eventually("a post to port \(port)", within: allowed) { () -> Int32? in
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return nil }
            // Servers that other tests start meanwhile must not have it.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return descriptor
        }
        defer { close(connection) }
        var text = ""
        var block = [UInt8](repeating: 0, count: 4096)
        try eventually("the whole of the post; so far \(text)", within: allowed) {
            let count = recv(connection, &block, block.count, Int32(MSG_DONTWAIT))
            if count > 0 { text += String(decoding: block.prefix(count), as: UTF8.self) }
            return text.hasSuffix("}")
        }
        let answer = Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else {
            throw TestFailure("the answer was not sent")
        }
        return text
    }
}
