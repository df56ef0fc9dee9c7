import TalonPlatform

/// All HTTP/2 connections of a server, on a thread of their own: it goes on with frames while applications run, and while
/// they wait for their clients.
///
/// The server hands it connections whose clients have chosen HTTP/2, and is given each of their requests as a socket on
/// which HTTP/1.1 is spoken. What passes between the two threads is in ``passage``.
final class HTTP2Front: @unchecked Sendable {
    // Unchecked: all but the passage is of the front's own thread, once that runs.
    let configuration: HTTPServerConfiguration
    private let http2: HTTP2Configuration
    let passage: StreamPassage
    private let poller: Poller
    /// For one read at a time, of any connection.
    let input = InputBuffer()
    private(set) var now = MonotonicClock.now()

    private enum Entry {
        case none
        case connection(HTTP2Connection)
        case stream(HTTP2Connection, HTTP2Stream)
    }

    /// By descriptor.
    private var entries: [Entry] = []
    private var connections: [ObjectIdentifier: HTTP2Connection] = [:]
    private var isLeaving = false
    private var sweptAt: UInt64 = 0

    /// `bell` is the server's.
    init(
        _ configuration: HTTPServerConfiguration, _ http2: HTTP2Configuration, bell: EventDescriptor
    ) throws(SystemError) {
        self.configuration = configuration
        self.http2 = http2
        passage = try StreamPassage(serverBell: bell)
        poller = try Poller()
        poller.add(passage.frontBell.descriptor, token: Int(passage.frontBell.descriptor.rawValue), .level)
    }

    /// A connection of HTTP/2 is for many requests: it is not ended between two that follow each other.
    var idleTime: UInt64 { max(configuration.keepAlive, configuration.stopGrace) }

    /// Bytes of a head, at most: the parser of the server has its own limits, and there is no sense in more.
    var headerListSize: Int {
        let most = configuration.limits.requestLine + configuration.limits.headSize
        return http2.limits.headerListSize > 0 ? min(Int(http2.limits.headerListSize), most) : most
    }

    // MARK: The thread

    /// Until it is told to stop. The front's thread.
    func run() {
        while !passage.isStopped {
            guard let count = poller.wait(timeoutMilliseconds: isLeaving ? 50 : 500) else { break }
            now = MonotonicClock.now()
            for index in 0..<count { dispatch(poller.token(index)) }
            if now >= sweptAt + (isLeaving ? 50_000_000 : 500_000_000) { sweep() }
        }
        for connection in Array(connections.values) { connection.stop() }
        passage.tellEnd()
    }

    private func dispatch(_ token: Int) {
        if token == Int(passage.frontBell.descriptor.rawValue) { return takeOrders() }
        guard token < entries.count else { return }
        switch entries[token] {
        case .none: break
        case .connection(let connection): connection.proceed()
        case .stream(let connection, let stream): connection.proceed(stream)
        }
    }

    private func takeOrders() {
        let orders = passage.takeOrders()
        for connection in orders.connections { take(connection) }
        guard orders.isLeaving, !isLeaving else { return }
        isLeaving = true
        for connection in Array(connections.values) { connection.leave() }
    }

    private func take(_ accepted: Connection) {
        guard let session = accepted.session else { return giveBack(accepted) }
        let connection = HTTP2Connection(accepted, session, front: self)
        guard connection.begin(http2) else { return giveBack(accepted) }
        connections[ObjectIdentifier(connection)] = connection
        enter(.connection(connection), at: accepted.socket)
        poller.add(accepted.socket, token: Int(accepted.socket.rawValue), .once)
        // The session may hold bytes already.
        connection.proceed()
        if isLeaving { connection.leave() }
    }

    private func sweep() {
        sweptAt = now
        for connection in Array(connections.values) { connection.sweep() }
    }

    private func giveBack(_ accepted: Connection) {
        accepted.session?.finish()
        accepted.socket.close()
        passage.end(accepted)
    }

    // MARK: Descriptors

    private func enter(_ entry: Entry, at descriptor: FileDescriptor) {
        let slot = Int(descriptor.rawValue)
        while entries.count <= slot { entries.append(.none) }
        entries[slot] = entry
    }

    func watch(_ connection: HTTP2Connection, _ interest: Poller.Interest) {
        let socket = connection.connection.socket
        poller.arm(socket, token: Int(socket.rawValue), interest)
    }

    /// For what the stream waits for now; nothing if it waits for nothing.
    func watch(_ stream: HTTP2Stream, of connection: HTTP2Connection) {
        guard let pipe = stream.pipe, stream.wantsInput || stream.wantsRoom else { return }
        let interest: Poller.Interest = !stream.wantsRoom ? .once : stream.wantsInput ? .either : .room
        if stream.isWatched {
            poller.arm(pipe, token: Int(pipe.rawValue), interest)
        } else {
            stream.isWatched = true
            poller.add(pipe, token: Int(pipe.rawValue), interest)
        }
    }

    // MARK: What connections call

    /// Makes the pipe of a stream. Returns our end; nil if there are no more descriptors.
    func open(_ stream: HTTP2Stream, of connection: HTTP2Connection, _ origin: StreamOrigin) -> FileDescriptor? {
        guard let (ours, theirs) = try? SocketPair.open(isNonBlocking: true) else { return nil }
        enter(.stream(connection, stream), at: ours)
        stream.arrival = StreamArrival(socket: theirs, origin: origin)
        return ours
    }

    /// Gives the server its end, once.
    func introduce(_ stream: HTTP2Stream) {
        guard let arrival = stream.arrival, !stream.isIntroduced else { return }
        stream.isIntroduced = true
        passage.send(arrival)
    }

    /// The stream has ended, for whatever reason.
    func forget(_ stream: HTTP2Stream) {
        guard let pipe = stream.pipe else { return }
        if let arrival = stream.arrival {
            stream.isIntroduced ? passage.withdraw(arrival) : arrival.socket.close()
        }
        entries[Int(pipe.rawValue)] = .none
        stream.close()
    }

    /// The connection has ended.
    func forget(_ connection: HTTP2Connection) {
        connections[ObjectIdentifier(connection)] = nil
        entries[Int(connection.connection.socket.rawValue)] = .none
        giveBack(connection.connection)
    }

    func rejected(_ rejection: Rejection, _ origin: StreamOrigin) { passage.tell(rejection, of: origin.peer) }

    /// A client has been told to be calm.
    func calmed(_ origin: StreamOrigin) { passage.tell(.streamFlood, of: origin.peer) }
}
