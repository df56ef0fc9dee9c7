package import TalonPlatform

/// One client connection: its socket, what has come from it, and where it stands.
///
/// It belongs to the loop, except while a request of it runs: then it belongs to the thread that runs the
/// application. So no field is ever touched by two threads at a time.
package final class Connection {
    /// What the loop waits for.
    enum Stage {
        /// What a proxy says of the connection, if it says something.
        case proxyHeader
        /// The keys of a session.
        case handshake
        /// The head of a request; nothing of it may be here yet.
        case head
        /// The rest of a small body, so that the application never waits for it.
        case body
        /// Another thread, which runs the application.
        case lent
        /// Room for what the client has not taken yet of a response.
        case sending
        /// The client's last bytes, after our last; see ``Connection/lingerLimit``.
        case lingering
        /// Nothing: the descriptor may be someone else's by now.
        case closed
    }

    package let socket: FileDescriptor
    /// What encrypts it; nil for a connection in clear.
    private(set) var session: SecureSession?
    /// The client, also where a proxy has said who it is.
    package private(set) var peer: Peer
    /// Where the client has connected to, if a proxy has said that.
    package private(set) var destination: Peer?
    /// Which listener accepted it.
    package let listenerIndex: Int
    /// What its peer says of a request's origin counts: ``ProxyTrust``.
    let isTrusted: Bool
    /// One request of an HTTP/2 connection, which the front has translated: the socket is a pipe to it.
    let isStream: Bool
    package let input = InputBuffer()
    package internal(set) var head = RequestHead()
    var parser = RequestParser()
    var stage: Stage
    /// When the loop gives up waiting; CLOCK_MONOTONIC, nanoseconds.
    var deadline: UInt64 = 0
    var isWatched = false
    /// The poller waits for room in the socket, not for input.
    var awaitsRoom = false
    /// The server would keep the connection after the request that runs.
    var mayKeep = true
    /// Input is here that the loop has not looked at: a pipelined request.
    var isPending = false
    /// A byte of the next request has come.
    var hasBegun = false
    /// When the loop learned of the request that is next or runs; CLOCK_MONOTONIC, nanoseconds.
    package internal(set) var arrivedAt: UInt64 = 0
    /// Bytes over the wire; see ``Traffic/take()``.
    package var traffic = Traffic()
    /// The part of a response that the loop sends as the client takes it, and what becomes of the connection then.
    var unsent = UnsentBytes()
    var ending = Exchange.Ending.close
    /// Who sends the response, if the application has a thread of its own.
    let claim = ResponseClaim()
    /// It ends in the middle of a response, and its client must see that.
    private(set) var isCut = false
    /// Bytes thrown away while lingering.
    var discarded = 0

    /// After a response that ends the connection, what the client still sends is read and thrown away up to this
    /// many bytes: closing with unread input would reset the connection, and the response could be lost.
    static let lingerLimit = 64 << 20
    static let lingerTime = 2 * nanosecondsPerSecond

    init(
        socket: FileDescriptor, session: SecureSession? = nil, peer: Peer, listenerIndex: Int, isTrusted: Bool = false,
        mayBeProxied: Bool = false
    ) {
        self.socket = socket
        self.isTrusted = isTrusted
        isStream = false
        self.session = session
        stage = mayBeProxied ? .proxyHeader : Connection.first(session)
        self.peer = peer
        self.listenerIndex = listenerIndex
    }

    /// A stream's end of the server.
    init(stream: StreamArrival) {
        socket = stream.socket
        (peer, destination) = (stream.origin.peer, stream.origin.destination)
        (listenerIndex, isTrusted) = (stream.origin.listenerIndex, stream.origin.isTrusted)
        isStream = true
        stage = .head
    }

    private static func first(_ session: SecureSession?) -> Stage { session == nil ? .head : .handshake }

    /// No request is under way, and none has begun to arrive.
    var isIdle: Bool {
        switch stage {
        case .head: input.count == 0
        case .proxyHeader, .handshake: true
        default: false
        }
    }

    /// Nothing more is to come from a proxy about it. nil: nothing did.
    func introduce(_ proxied: ProxiedConnection?) {
        stage = Connection.first(session)
        guard let proxied else { return }
        peer = Peer(proxied.source)
        destination = Peer(proxied.destination)
    }

    /// No keys were agreed on: what is sent from here on is in clear.
    func giveUpSession() {
        session = nil
    }

    /// Has its close look to the client like the break that it is.
    func cut() {
        isCut = true
        socket.resetOnClose()
    }

    /// What was let through is written as it is to be read: line ends in values as spaces, a method in capitals.
    func rewriteHead() {
        if head.hasFolds {
            for field in head.fields {
                input.rewrite(field.value.range) { $0 == Byte.carriageReturn || $0 == Byte.lineFeed ? Byte.space : $0 }
            }
        }
        if head.hasSmallMethod { input.rewrite(head.method.range, Byte.upper) }
    }

    /// What a client has sent by HTTP/2 is that, and not what the pipe needs.
    func settleStreamHead() {
        head.isSecure = true
        head.otherVersion = (2, 0)
        head.keepAlive = false
        head.fields.removeAll { field in input.withBytes { $0.matches(Word.transferEncoding, field.name) } }
    }

    /// How much body must be here before the application is called; nil if it reads the body itself.
    func bodyToCollect(limit: Int) -> Int? {
        guard case .length(let length) = head.framing, !head.expectsContinue, length <= Int64(limit) else { return nil }
        return Int(length)
    }
}

/// Who is at the other end of a connection.
package final class Peer: Sendable {
    /// Numeric address; empty for a unix socket.
    package let address: StableText
    package let port: UInt16

    init(_ name: SocketName) {
        address = StableText(name.host)
        port = name.port
    }
}
