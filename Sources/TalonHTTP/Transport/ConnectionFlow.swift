import TalonPlatform

/// What the loop does with a connection, from accept to close.
extension HTTPServer {
    /// Accepts one connection and looks at once whether its request is there; it mostly is.
    ///
    /// One at a turn: whoever accepts many keeps them from workers that have nothing to do.
    func accept(_ index: Int) {
        guard isAccepting else { return }
        switch listeners[index].accept() {
        case .none:
            // A unix socket that lets nobody in says no more than this when its queue is empty.
            if isDraining, case .unix = listeners[index].address { leave(index) }
        case .ended:
            if isDraining { leave(index) }
        case .exhausted(let errno):
            acceptAgainAt = now + nanosecondsPerSecond
            delegate.exhausted(errno: errno)
        case .accepted(let accepted):
            guard let connection = connection(on: accepted, index) else { return accepted.descriptor.close() }
            enter(connection)
            delegate.accepted(open: clientCount)
            makeRoom(besides: connection)
            proceed(connection)
        }
    }

    /// From here on the loop knows it, and it has the time of a head.
    func enter(_ connection: Connection) {
        let slot = Int(connection.socket.rawValue)
        while connections.count <= slot { connections.append(nil) }
        connections[slot] = connection
        connectionCount += 1
        connection.deadline = now + configuration.headTime
        // Who has just come may go on, which is no time for a stop to end.
        if isDraining { prolongDrain() }
    }

    /// nil if it is to have a session and there is none.
    private func connection(on accepted: AcceptedSocket, _ index: Int) -> Connection? {
        var session: SecureSession?
        if configuration.isSecure {
            session = delegate.session(on: accepted.descriptor)
            if session == nil { return nil }
        }
        return Connection(
            socket: accepted.descriptor, session: session, peer: Peer(accepted.peer), listenerIndex: index,
            isTrusted: configuration.proxies.trusts(accepted.peer.host),
            mayBeProxied: configuration.proxyProtocol != nil)
    }

    /// What its stage waited for has come.
    @inline(__always)
    func proceed(_ connection: Connection) {
        switch connection.stage {
        case .proxyHeader: readProxyHeader(connection)
        case .handshake: shakeHands(connection)
        case .sending: sendRest(connection)
        default: receive(connection)
        }
    }

    /// Input has come, or the end of it.
    func receive(_ connection: Connection) {
        if connection.stage == .lent { return disregard(connection) }
        guard connection.stage != .closed else { return }
        // Requests that are here already have their turn first: the end of the input would close over them.
        guard !connection.isPending else { return }
        switch connection.receive(limit: inputLimit) {
        case .received(let count):
            connection.traffic.received += Int64(count)
            if connection.stage == .lingering { return discard(count, connection) }
            advance(connection)
        case .wouldBlock where connection.input.count >= inputLimit: reject(connection, .headTooLarge)
        case .wouldBlock: watch(connection)
        case .ended where connection.stage == .head || connection.stage == .body:
            // What was pipelined before has been answered already; a part of a request can never be completed.
            close(connection)
        case .ended, .failed: close(connection)
        }
    }

    /// Goes as far as the input reaches, one request at the most.
    func advance(_ connection: Connection) {
        if connection.stage == .head {
            let outcome = parse(connection)
            // From its first byte on a request has its own time, however long the connection was idle before.
            if connection.input.count > 0, !connection.hasBegun {
                connection.hasBegun = true
                connection.arrivedAt = turnedAt
                connection.deadline = now + configuration.headTime
            }
            switch outcome {
            case .incomplete: return watch(connection)
            case .rejected(let rejection): return reject(connection, rejection)
            case .complete:
                if let rejection = settleHead(connection) { return reject(connection, rejection) }
                connection.stage = .body
            }
        }
        let body = connection.bodyToCollect(limit: configuration.collectedBody) ?? 0
        guard connection.input.count >= connection.head.byteCount + body else { return watch(connection) }
        // Many are begun only to be reset (CVE-2023-44487).
        if connection.isStream, connection.socket.hasEnded { return close(connection) }
        connection.mayKeep = configuration.keepAlive > 0 && !isDraining
        if configuration.isAsynchronous { return start(connection) }
        guard isInline else { return lend(connection) }
        if isReading { return postpone(connection) }
        if settle(connection, runInline(connection)), connection.input.count > 0 { postpone(connection) }
    }

    /// A request is here, and has its turn after the others.
    func postpone(_ connection: Connection) {
        guard !connection.isPending else { return }
        connection.isPending = true
        pending.append(connection)
    }

    private func parse(_ connection: Connection) -> ParseOutcome {
        let limits = connection.isTrusted ? trustedLimits : configuration.limits
        return connection.input.withBytes { connection.parser.parse($0, limits: limits, into: &connection.head) }
    }

    /// What a head means beyond its bytes.
    private func settleHead(_ connection: Connection) -> Rejection? {
        if connection.head.hasFolds || connection.head.hasSmallMethod { connection.rewriteHead() }
        connection.head.isSecure = connection.session != nil
        if connection.isStream { connection.settleStreamHead() }
        guard connection.isTrusted else { return nil }
        return connection.input.withBytes { configuration.proxies.settle(&connection.head, $0) }
    }

    /// More than any request that the parser accepts needs before the application reads on.
    private var inputLimit: Int {
        let limits = configuration.limits
        return limits.requestLine + limits.headSize + configuration.collectedBody + 4096
    }

    private func lend(_ connection: Connection) {
        connection.stage = .lent
        connection.claim.reset()
        lent += 1
        delegate.lent(lent)
        pool.submit(connection)
    }

    /// An application thread is done with it.
    func takeBack(_ connection: Connection, _ ending: Exchange.Ending) {
        lent -= 1
        delegate.lent(lent)
        forgetBrokenOff(connection)
        guard settle(connection, ending) else { return }
        // It was promised to be kept: the next request may be on its way.
        if isDraining { prolongDrain() }
        if connection.input.count > 0 { postpone(connection) } else { watch(connection) }
    }

    /// After a response. False if the connection is not for further requests.
    func settle(_ connection: Connection, _ ending: Exchange.Ending) -> Bool {
        if connection.unsent.count > 0 {
            wait(connection, toSendBefore: ending)
            return false
        }
        switch ending {
        case .close:
            close(connection)
            return false
        case .linger:
            linger(connection)
            return false
        case .keep:
            connection.stage = .head
            connection.hasBegun = false
            connection.deadline = now + configuration.keepAlive
            // Of what the session holds no poller tells.
            if connection.session?.hasPending == true { _ = connection.receive(limit: inputLimit) }
            if isInline { watch(connection) }
            return true
        }
    }

    /// Waits for more of it.
    func watch(_ connection: Connection) {
        let descriptor = connection.socket
        if !connection.isWatched {
            connection.isWatched = true
            connection.awaitsRoom = false
            poller.add(descriptor, token: Int(descriptor.rawValue), watchesByLevel ? .level : .once)
        } else if !watchesByLevel || connection.awaitsRoom {
            connection.awaitsRoom = false
            poller.arm(descriptor, token: Int(descriptor.rawValue), watchesByLevel ? .level : .once)
        }
    }

    /// What comes while its request runs has to wait, and must not wake the loop again and again.
    private func disregard(_ connection: Connection) {
        guard watchesByLevel, connection.isWatched else { return }
        connection.isWatched = false
        poller.remove(connection.socket)
    }

    func reject(_ connection: Connection, _ rejection: Rejection) {
        delegate.rejected(rejection, from: connection.peer)
        if connection.stage == .proxyHeader || connection.stage == .handshake { connection.giveUpSession() }
        var page: [UInt8] = []
        ErrorPage.render(rejection, isHead: connection.head.isHead, dateLine: dateLine, into: &page)
        if case .sent(let count) = connection.send(page.span) { connection.traffic.sent += Int64(count) }
        linger(connection)
    }

    /// Sends nothing more, and waits a moment for the client to notice.
    func linger(_ connection: Connection) {
        connection.shutdownSending()
        connection.stage = .lingering
        connection.deadline = now + Connection.lingerTime
        discard(connection.input.count, connection)
        if connection.stage == .lingering { watch(connection) }
    }

    private func discard(_ count: Int, _ connection: Connection) {
        connection.input.consume(connection.input.count)
        connection.discarded += count
        if connection.discarded > Connection.lingerLimit { return close(connection) }
        if !watchesByLevel, connection.isWatched { watch(connection) }
    }

    /// Its time is over. A client that began a request is told so; one that is idle is not.
    func timeOut(_ connection: Connection) {
        let hasBegun = connection.stage == .body || (connection.stage == .head && connection.input.count > 0)
        if hasBegun { reject(connection, .timeout) } else { giveUp(connection) }
    }

    func close(_ connection: Connection) {
        let slot = Int(connection.socket.rawValue)
        guard slot < connections.count, connections[slot] === connection else { return }
        connection.stage = .closed
        connections[slot] = nil
        connectionCount -= 1
        if connection.isStream { streamCount -= 1 }
        delegate.closed(connection, open: clientCount)
        // Closing takes it off the poller too, unless the application holds a duplicate.
        if connection.isWatched { poller.remove(connection.socket) }
        if !connection.isCut { connection.session?.finish() }
        connection.socket.close()
        // There is room for a stream that waits.
        if let front, front.passage.hasArrivals { bell.ring() }
    }
}
