import CTalonPlatform
import Glibc
import Synchronization

/// A syslog daemon that records go to beside the log files, in the form of Python's SysLogHandler: a priority by
/// RFC 3164, a tag, the text, a zero. Any thread.
///
/// A record that cannot be sent at once is lost: a log holds up nobody.
package final class Syslog: Sendable {
    private let socket: FileDescriptor
    private let address: SyslogAddress
    /// When a lost daemon was looked for last; CLOCK_MONOTONIC, nanoseconds.
    private let triedAt = Atomic<UInt64>(0)
    private let facility: Int
    private let tag: String

    /// `tag` begins each record. Throws why there is nobody at the address.
    package init(_ address: SyslogAddress, facility: Int, tag: String) throws(SystemError) {
        self.facility = facility
        self.tag = tag
        self.address = address
        socket = try Syslog.connected(to: address)
    }

    deinit { socket.close() }

    package func send(_ level: LogLevel, _ text: String) {
        let bytes = Array("<\(facility << 3 | level.syslogSeverity)>\(tag): [\(ThisProcess.pid)] \(text)\0".utf8)
        if !transmit(bytes), errno != EAGAIN, finds() { _ = transmit(bytes) }
    }

    private func transmit(_ bytes: [UInt8]) -> Bool {
        Glibc.send(socket.rawValue, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == bytes.count
    }

    /// A daemon that was started again has a new unix socket at the old path. Looked for once a second at the most, by
    /// one thread; a host's name is not looked up again, which may take long.
    private func finds() -> Bool {
        guard case .unix = address else { return false }
        let now = MonotonicClock.now()
        let last = triedAt.load(ordering: .relaxed)
        guard now &- last >= nanosecondsPerSecond,
            triedAt.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged,
            let new = try? Syslog.connected(to: address)
        else { return false }
        defer { new.close() }
        return talon_replace(socket.rawValue, new.rawValue) == 0
    }

    private static func connected(to address: SyslogAddress) throws(SystemError) -> FileDescriptor {
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

extension LogLevel {
    /// RFC 3164 §4.1.1.
    fileprivate var syslogSeverity: Int {
        switch self {
        case .debug: 7
        case .info: 6
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
