import TalonPlatform

/// What passes between a server's loop and its front. Any of the two threads.
final class StreamPassage: @unchecked Sendable {
    // Unchecked: all state is under the lock, and a connection is the one's or the other's.
    private let lock = Lock()
    private let serverBell: EventDescriptor
    let frontBell: EventDescriptor
    private let endBell: EventDescriptor

    /// For the front.
    struct Orders {
        var connections: [Connection] = []
        /// The server stops in good order.
        var isLeaving = false
    }

    private var orders = Orders()
    private var hasStopped = false
    private var arrivals: [StreamArrival] = []
    private var ended: [Connection] = []
    private var rejections: [(Rejection, Peer)] = []

    init(serverBell: EventDescriptor) throws(SystemError) {
        self.serverBell = serverBell
        frontBell = try .create()
        endBell = try .create()
    }

    // MARK: The server's side

    /// Hands a connection over; ``takeEnded()`` gives it back.
    func send(_ connection: Connection) {
        lock.withLock { orders.connections.append(connection) }
        frontBell.ring()
    }

    func leave() {
        lock.withLock { orders.isLeaving = true }
        frontBell.ring()
    }

    /// Has the front end at once, and waits a moment until it has said so to its clients.
    func stop() {
        lock.withLock { hasStopped = true }
        frontBell.ring()
        _ = endBell.descriptor.waitUntil(1, timeoutMilliseconds: 1000)
    }

    /// The stream that came first; nil if there is none.
    func nextArrival() -> StreamArrival? {
        lock.withLock { arrivals.isEmpty ? nil : arrivals.removeFirst() }
    }

    var hasArrivals: Bool { lock.withLock { !arrivals.isEmpty } }

    func takeEnded() -> [Connection] {
        lock.withLock {
            defer { ended.removeAll(keepingCapacity: true) }
            return ended
        }
    }

    func takeRejections() -> [(Rejection, Peer)] {
        lock.withLock {
            defer { rejections.removeAll(keepingCapacity: true) }
            return rejections
        }
    }

    // MARK: The front's side

    var isStopped: Bool { lock.withLock { hasStopped } }

    func takeOrders() -> Orders {
        frontBell.clear()
        return lock.withLock {
            defer { orders.connections.removeAll(keepingCapacity: true) }
            return orders
        }
    }

    func send(_ arrival: StreamArrival) {
        lock.withLock { arrivals.append(arrival) }
        serverBell.ring()
    }

    /// Takes a stream back that the server has not looked at yet, so that it never does.
    func withdraw(_ arrival: StreamArrival) {
        let isHere = lock.withLock {
            guard let index = arrivals.firstIndex(where: { $0 === arrival }) else { return false }
            arrivals.remove(at: index)
            return true
        }
        if isHere { arrival.socket.close() }
    }

    /// A connection has ended; its socket is closed.
    func end(_ connection: Connection) {
        lock.withLock { ended.append(connection) }
        serverBell.ring()
    }

    /// What is to be told of a request that no application saw. A client that sends many does not fill the memory.
    func tell(_ rejection: Rejection, of peer: Peer) {
        lock.withLock {
            if rejections.count < StreamPassage.mostRejections { rejections.append((rejection, peer)) }
        }
        serverBell.ring()
    }

    func tellEnd() { endBell.ring() }

    private static let mostRejections = 1000
}
