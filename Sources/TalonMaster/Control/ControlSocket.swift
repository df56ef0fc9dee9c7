import TalonControl
import TalonPlatform

/// What the clients of a control socket may do.
enum ControlRole {
    case full
    /// Look, and change nothing.
    case readOnly
}

/// A control socket and who is connected to it.
final class ControlSocket {
    let role: ControlRole
    let listener: UnixListener
    private(set) var connections: [ControlConnection] = []
    /// No client is accepted before: there were no descriptors; CLOCK_MONOTONIC, nanoseconds.
    private var acceptNotBefore: UInt64 = 0

    /// One more client ends the one that has been silent for longest.
    private static let clientLimit = 32

    init(_ listener: UnixListener, role: ControlRole) {
        self.listener = listener
        self.role = role
    }

    /// What to wait on, and for what.
    func watched(now: UInt64) -> [(descriptor: FileDescriptor, interest: PollSet.Interest)] {
        let clients = connections.map { ($0.descriptor, $0.interest) }
        return now < acceptNotBefore ? clients : clients + [(listener.descriptor, .input)]
    }

    var nextDeadline: UInt64? { connections.map(\.deadline).min() }

    /// Accepts all who wait.
    func accept(now: UInt64) {
        for _ in 0..<ControlSocket.clientLimit {
            switch listener.accept() {
            case .connection(let descriptor): admit(descriptor, now)
            case .nobody: return
            case .exhausted:
                acceptNotBefore = now + nanosecondsPerSecond
                return
            }
        }
    }

    private func admit(_ descriptor: FileDescriptor, _ now: UInt64) {
        // A path has a mode; an abstract name has none, so its clients are asked who they are.
        guard !listener.name.isAbstract || UnixPeer(of: descriptor)?.isOwnerOrRoot == true else {
            return descriptor.close()
        }
        if connections.count >= ControlSocket.clientLimit {
            let idlest = connections.filter(\.isReading).min { $0.deadline < $1.deadline }
            guard let idlest else { return descriptor.close() }
            idlest.close()
            drop()
        }
        connections.append(ControlConnection(descriptor, now: now))
    }

    /// Ends who is late, and forgets who has ended.
    func maintain(now: UInt64) {
        for connection in connections where now >= connection.deadline { connection.close() }
        drop()
    }

    private func drop() {
        if connections.contains(where: \.isClosed) { connections.removeAll(where: \.isClosed) }
    }

    /// The same clients on a socket of another name.
    func moved(to listener: UnixListener) -> ControlSocket {
        let other = ControlSocket(listener, role: role)
        swap(&other.connections, &connections)
        self.listener.close()
        return other
    }

    func close() {
        for connection in connections { connection.close() }
        connections = []
        listener.close()
    }
}
