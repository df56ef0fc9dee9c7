import CTalonPlatform

/// The connections that a listening socket has ready for `accept`.
package struct AcceptQueue: Equatable, Sendable {
    /// How many wait.
    package let length: UInt32
    /// How many may, after which clients are kept out: `backlog`, or net.core.somaxconn if that is less.
    package let limit: UInt32
}

extension Listener {
    /// Its queue now. Throws where the kernel does not tell: sock_diag(7) may be missing or forbidden.
    package func acceptQueue() throws(SystemError) -> AcceptQueue {
        var length: UInt32 = 0
        var limit: UInt32 = 0
        guard talon_accept_queue(descriptor.rawValue, &length, &limit) == 0 else {
            throw .last("sock_diag", address.label)
        }
        return AcceptQueue(length: length, limit: limit)
    }
}
