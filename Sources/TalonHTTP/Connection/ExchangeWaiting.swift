package import TalonPlatform

/// What came of a wait for a client.
package enum ExchangeWait: Sendable {
    case ready
    /// The client was silent for too long.
    case tooLate
    /// The application waits by itself and comes again.
    case notHere
}

/// How exchanges wait for their clients, where that is not for the thread to do.
package struct ExchangeWaiter {
    /// On which descriptor, for which events of poll(2), for how many milliseconds.
    let wait: (Exchange, FileDescriptor, Int32, Int32) -> ExchangeWait
    /// It never waits: what a client does not take is kept, see ``Exchange/unsentCount``.
    let isElsewhere: Bool

    /// Waits as `wait` does, which returns on the thread and the stack that called it.
    package init(_ wait: @escaping (Exchange, FileDescriptor, Int32, Int32) -> ExchangeWait) {
        self.wait = wait
        isElsewhere = false
    }

    private init() {
        wait = { _, _, _, _ in .notHere }
        isElsewhere = true
    }

    /// The application waits by itself.
    package static var elsewhere: ExchangeWaiter { ExchangeWaiter() }
}

/// What came of reading a body.
package enum BodyRead: Equatable, Sendable {
    /// So many, at least one.
    case bytes(Int)
    case ended
    /// The client broke off, was silent for too long, or sent something malformed.
    case broken
    /// Nothing is here yet: see ``ExchangeWaiter/elsewhere``.
    case notYet
}

extension Exchange {
    /// Waits for the client, and tells the observer of it.
    func wait(_ connection: Connection, for events: Int32) -> ExchangeWait {
        if waiter?.isElsewhere == true { return .notHere }
        observer?.willBlock(self, isReading: events == Exchange.readable)
        defer { observer?.didBlock(self) }
        return waitUntold(connection, for: events)
    }

    /// As ``wait(_:for:)``, where the observer knows already.
    func waitUntold(_ connection: Connection, for events: Int32) -> ExchangeWait {
        guard let waiter else {
            return connection.socket.waitUntil(events, timeoutMilliseconds: patience) ? .ready : .tooLate
        }
        return waiter.wait(self, connection.socket, events, patience)
    }

    /// Bytes of the response that wait for their client.
    package var unsentCount: Int { connection?.unsent.count ?? 0 }
}
