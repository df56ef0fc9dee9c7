import TalonPlatform

/// What the loop does with connections that keep it waiting in other places than for a request: for keys, for room in
/// the socket, for a place among the others.
extension HTTPServer {
    /// Goes on with the handshake of a session.
    func shakeHands(_ connection: Connection) {
        // Who goes on with it is not idle.
        if isDraining { prolongDrain() }
        switch connection.session?.handshake() {
        case .complete? where connection.session?.speaksHTTP2 == true: handOver(connection)
        case nil, .complete?:
            connection.stage = .head
            receive(connection)
        case .wantsInput?: watch(connection)
        case .wantsOutput?: watchForRoom(connection)
        case .clearText?: reject(connection, .clearText)
        case .failed(let reason)?:
            delegate.handshakeFailed(reason, with: connection.peer)
            // The session has said why. Closing with unread input could lose that.
            connection.giveUpSession()
            linger(connection)
        }
    }

    /// Reads what a proxy says of the connection: before anything else, and not a byte of what follows.
    func readProxyHeader(_ connection: Connection) {
        guard let proxies = configuration.proxyProtocol else { return }
        var outcome = ProxyHeader.Outcome.incomplete
        let received = connection.input.receive(from: connection.socket) { bytes in
            outcome = ProxyHeader.parse(bytes, versions: proxies.versions)
            switch outcome {
            case .absent: return 0
            case .complete(let size, _): return size
            case .incomplete, .malformed: return bytes.count
            }
        }
        switch received {
        case .wouldBlock: return watch(connection)
        case .ended, .failed: return close(connection)
        case .received(let count): connection.traffic.received += Int64(count)
        }
        switch outcome {
        case .incomplete: watch(connection)
        case .malformed where !proxies.senders.contains(connection.peer.address.text),
            .complete where !proxies.senders.contains(connection.peer.address.text):
            reject(connection, .proxyForbidden)
        case .malformed: reject(connection, .proxyHeader)
        case .complete(let size, let proxied):
            connection.input.consume(size)
            begin(connection, proxied)
        // No session begins with what a header may begin with.
        case .absent where connection.session != nil && connection.input.count > 0: reject(connection, .clearText)
        case .absent: begin(connection, nil)
        }
    }

    private func begin(_ connection: Connection, _ proxied: ProxiedConnection?) {
        connection.introduce(proxied)
        proceed(connection)
    }

    /// A response is made, and its client takes it slowly: the loop goes on with it.
    func wait(_ connection: Connection, toSendBefore ending: Exchange.Ending) {
        connection.stage = .sending
        connection.ending = ending
        connection.deadline = now + (configuration.sendTime ?? configuration.silence)
        // A response has room, and one more of its size, however large it is.
        if configuration.sendTime != nil {
            keepUnsent(within: max(configuration.unsentLimit, 2 * connection.unsent.count))
        }
        if connection.stage == .sending { watchForRoom(connection) }
    }

    /// Sends on, as much as there is room for.
    func sendRest(_ connection: Connection) {
        while connection.unsent.count > 0 {
            switch connection.sendUnsent() {
            // What an application has answered, and is done with, may take its time as long as something of it is taken.
            case .sent: if configuration.sendTime == nil { connection.deadline = now + configuration.silence }
            case .wouldBlock: return watchForRoom(connection)
            case .failed: return close(connection)
            }
        }
        guard settle(connection, connection.ending) else { return }
        if connection.input.count > 0 { postpone(connection) } else { watch(connection) }
    }

    private func watchForRoom(_ connection: Connection) {
        let token = Int(connection.socket.rawValue)
        connection.awaitsRoom = true
        if connection.isWatched {
            poller.arm(connection.socket, token: token, .room)
        } else {
            connection.isWatched = true
            poller.add(connection.socket, token: token, .room)
        }
    }

    /// Ends the connection whose time ends first if there is one too many.
    func makeRoom(besides new: Connection) {
        guard configuration.makesRoom, connectionCount > configuration.connectionLimit else { return }
        if let last = soonest(where: { $0 !== new && $0.stage != .lent }) { giveUp(last) }
    }

    /// Ends those that are to end soonest, until what waits for clients is within the limit.
    private func keepUnsent(within limit: Int) {
        var sum = 0
        for case let connection? in connections where connection.stage == .sending { sum += connection.unsent.count }
        while sum > limit, let connection = soonest(where: { $0.stage == .sending }) {
            sum -= connection.unsent.count
            giveUp(connection)
        }
    }

    private func soonest(where isCandidate: (Connection) -> Bool) -> Connection? {
        var found: Connection?
        for case let connection? in connections where isCandidate(connection) {
            if connection.deadline < found?.deadline ?? .max { found = connection }
        }
        return found
    }

    /// Ends a connection in the middle of what it does. By a reset: a close would leave the kernel trying to send.
    func giveUp(_ connection: Connection) {
        if connection.stage == .sending { connection.cut() }
        close(connection)
    }
}
