import Glibc
import TalonPlatform

/// Somebody on 127.0.0.1 who says the same to each that connects, whatever that says, and then hangs up or is silent:
/// what no real server does.
package final class ScriptedServer: Sendable {
    package let port: UInt16
    private let listener: Int32

    /// `repeats`: says it until the other side is gone.
    package init(says text: String, hangsUp: Bool = false, repeats: Bool = false) throws {
        port = try FreePort.any()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        // Whoever tried the port may still have a socket on it, which listens no more.
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let bound = SocketAddress.withTCP("127.0.0.1", port) { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 16) == 0 else { throw TestFailure("cannot listen on port \(port)") }
        let bytes = Array(text.utf8)
        // accept(2) fails once the listener is shut down, and the thread ends.
        let started = SystemThread.start {
            var connections: [Int32] = []
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                var taken = [UInt8](repeating: 0, count: 1 << 16)
                _ = recv(connection, &taken, taken.count, 0)
                while send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0, repeats {}
                if hangsUp { close(connection) } else { connections.append(connection) }
            }
            for connection in connections { close(connection) }
            close(listener)
        }
        guard started else { throw TestFailure("no thread") }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}
