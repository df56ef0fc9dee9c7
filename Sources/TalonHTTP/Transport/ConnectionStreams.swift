import TalonPlatform

/// What the loop does with HTTP/2: connections whose clients have chosen it go to the front, and their requests come from
/// there one by one, as sockets that are served like any other.
extension HTTPServer {
    /// Open connections of clients.
    var clientCount: Int { connectionCount - streamCount + handedOver }

    /// Has the front go on with a connection, whose handshake is over.
    func handOver(_ connection: Connection) {
        guard let front = startedFront() else { return close(connection) }
        let slot = Int(connection.socket.rawValue)
        if connection.isWatched { poller.remove(connection.socket) }
        connection.isWatched = false
        connections[slot] = nil
        connectionCount -= 1
        handedOver += 1
        front.passage.send(connection)
    }

    /// The first connection that needs it starts it: who speaks HTTP/1.1 only has no thread more.
    private func startedFront() -> HTTP2Front? {
        if let front { return front }
        guard let http2 = configuration.http2, let front = try? HTTP2Front(configuration, http2, bell: bell),
            SystemThread.startUndisturbed({ front.run() })
        else { return nil }
        self.front = front
        if isDraining { front.passage.leave() }
        return front
    }

    /// Takes from the front what has come: streams as far as there is room for them, the others wait for their turn.
    func takeStreams() {
        guard let passage = front?.passage else { return }
        for connection in passage.takeEnded() {
            handedOver -= 1
            connection.stage = .closed
            delegate.closed(connection, open: clientCount)
        }
        for (rejection, peer) in passage.takeRejections() { delegate.rejected(rejection, from: peer) }
        while connectionCount < configuration.connectionLimit, let arrival = passage.nextArrival() { adopt(arrival) }
    }

    private func adopt(_ arrival: StreamArrival) {
        let connection = Connection(stream: arrival)
        enter(connection)
        streamCount += 1
        receive(connection)
    }
}
