import Glibc

/// A bound socket that datagrams are sent to.
package protocol DatagramReceiver {
    var descriptor: Int32 { get }
    /// As messages name it.
    var place: String { get }
}

extension DatagramReceiver {
    /// The next datagram.
    package func message(within allowed: Duration = .seconds(30)) throws -> String {
        try eventually("a datagram at \(place)", within: allowed) {
            var block = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &block, block.count, Int32(MSG_DONTWAIT))
            return count > 0 ? String(decoding: block.prefix(count), as: UTF8.self) : nil
        }
    }
}
