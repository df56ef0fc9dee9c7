import CTalonPlatform
import Glibc
import Synchronization

/// Somebody who takes datagrams: a daemon of syslog, or a StatsD server. Any thread.
///
/// What cannot be sent at once is lost: neither logs nor metrics hold anything up.
package final class DatagramTarget: Sendable {
    private let socket: FileDescriptor
    private let address: DatagramAddress
    /// When a lost daemon was looked for last; CLOCK_MONOTONIC, nanoseconds.
    private let triedAt = Atomic<UInt64>(0)

    /// Throws why there is nobody at the address.
    package init(_ address: DatagramAddress) throws(SystemError) {
        self.address = address
        socket = try DatagramTarget.connected(to: address)
    }

    /// For an address where nobody is yet. A unix socket is looked for again, a host is not.
    package init(absent address: DatagramAddress) throws(SystemError) {
        self.address = address
        socket = try DatagramTarget.open(AF_UNIX, "")
    }

    deinit { socket.close() }

    package func send(_ bytes: [UInt8]) {
        if !transmit(bytes), errno != EAGAIN, mayBeBack { _ = transmit(bytes) }
    }

    private func transmit(_ bytes: [UInt8]) -> Bool {
        Glibc.send(socket.rawValue, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == bytes.count
    }

    /// After a failure: whether another try may help.
    private var mayBeBack: Bool {
        switch address {
        // It tells of the datagram before, and nothing of this one.
        case .udp: errno == ECONNREFUSED
        case .unix: finds()
        }
    }

    /// A daemon that was started again has a new unix socket at the old path. Looked for once a second at the most, by
    /// one thread; a host's name is not looked up again, which may take long.
    private func finds() -> Bool {
        let now = MonotonicClock.now()
        let last = triedAt.load(ordering: .relaxed)
        guard now &- last >= nanosecondsPerSecond,
            triedAt.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged,
            let new = try? DatagramTarget.connected(to: address)
        else { return false }
        defer { new.close() }
        return talon_replace(socket.rawValue, new.rawValue) == 0
    }

    private static func connected(to address: DatagramAddress) throws(SystemError) -> FileDescriptor {
        switch address {
        case .udp(let host, let port): return try connected(toHost: host, port)
        case .unix(let name):
            let descriptor = try open(AF_UNIX, name.description)
            try finish(descriptor, name.description, name.withAddress { connect(descriptor.rawValue, $0, $1) })
            return descriptor
        }
    }

    /// The first address that the host has.
    private static func connected(toHost host: String, _ port: UInt16) throws(SystemError) -> FileDescriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw SystemError(call: "getaddrinfo", errno: EHOSTUNREACH, context: host)
        }
        defer { freeaddrinfo(first) }
        let descriptor = try open(first.pointee.ai_family, host)
        try finish(descriptor, host, connect(descriptor.rawValue, first.pointee.ai_addr, first.pointee.ai_addrlen))
        return descriptor
    }

    private static func finish(
        _ descriptor: FileDescriptor, _ context: String, _ result: Int32
    ) throws(SystemError) {
        guard result != 0 else { return }
        let error = SystemError.last("connect", context)
        descriptor.close()
        throw error
    }

    private static func open(_ family: Int32, _ context: String) throws(SystemError) -> FileDescriptor {
        let raw = Glibc.socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw .last("socket", context) }
        return FileDescriptor(rawValue: raw)
    }
}
