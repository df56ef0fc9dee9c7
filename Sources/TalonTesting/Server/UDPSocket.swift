import Glibc

/// A UDP socket on 127.0.0.1 that datagrams are sent to.
package final class UDPSocket: DatagramReceiver {
    package let port: UInt16
    package let descriptor: Int32
    package var place: String { "port \(port)" }

    package init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try FreePort.any()
        let bound = SocketAddress.withTCP("127.0.0.1", port) { bind(descriptor, $0, $1) }
        guard bound == 0 else {
            close(descriptor)
            throw TestFailure("cannot bind UDP port \(port)")
        }
    }

    deinit { close(descriptor) }

    /// The next datagram that begins so; those before it are dropped.
    package func message(with beginning: String, within allowed: Duration = .seconds(30)) throws -> String {
        try eventually("a datagram that begins with \(beginning)", within: allowed) {
            let text = try message(within: allowed)
            return text.hasPrefix(beginning) ? text : nil
        }
    }
}
