package import TalonPlatform

/// What a server needs to know.
package struct HTTPServerConfiguration: Sendable {
    package var limits = HTTPLimits()
    /// Whose word about a request's origin counts.
    package var proxies = ProxyTrust.nobody
    /// Application threads; with one, the application runs on the thread of the loop.
    package var threads = 1
    /// The application runs on the thread of the loop and may answer after its call has returned, so that many requests
    /// run at a time: one for each connection.
    package var isAsynchronous = false
    /// Open connections, at most.
    package var connectionLimit = 1000
    /// How long an idle connection waits for its next request; nanoseconds. 0: connections are not kept.
    package var keepAlive: UInt64 = 2 * nanosecondsPerSecond
    /// How long a head may take to arrive, or a body that is collected.
    package var headTime: UInt64 = 30 * nanosecondsPerSecond
    /// How long a client may be silent in the middle of a request or a response; milliseconds.
    package var patience: Int32 = 60_000
    /// How long a client may take for the rest of a response that it did not take at once; nanoseconds. The loop sends
    /// it then, and the thread that made it is free. nil: that thread waits, or the loop if the application is done with
    /// it, as long as `patience` says.
    package var sendTime: UInt64?
    /// Bytes of responses that wait for clients, at most, of all connections together, or two as large as the last; only
    /// with `sendTime`.
    package var unsentLimit = 64 << 20
    /// A connection more than the limit takes the place of the one whose time ends first. Else it is not accepted.
    package var makesRoom = false
    /// Connections are encrypted: ``HTTPServerDelegate/session(on:)`` gives each its session.
    package var isSecure = false
    /// Clients may choose HTTP/2 in the session's handshake; nil: they may not.
    package var http2: HTTP2Configuration?
    /// Connections may begin with a word about whom they are made for; nil: they do not.
    package var proxyProtocol: ProxyProtocol?
    /// A body up to this size is read before the application is called.
    package var collectedBody = 65536
    /// How long the loop waits at most, though nothing happens, before it turns again; milliseconds.
    package var pause: Int32 = 1000
    /// When stopping, how long an idle connection may still send the request that is perhaps on its way.
    package var stopGrace: UInt64 = nanosecondsPerSecond
    /// When stopping, how long what runs may take; nanoseconds.
    package var stopLimit: UInt64 = 30 * nanosecondsPerSecond

    package init() {}

    /// ``patience`` in nanoseconds.
    var silence: UInt64 { UInt64(max(patience, 0)) * 1_000_000 }
}

/// What a server that stops does about connections that wait to be accepted.
package enum QueueDrain: Sendable {
    /// Others accept from the listeners.
    case leave
    /// It goes on accepting until the listeners end, which lets nobody in any more; whoever stops all says when.
    case untilEnd
    /// It goes on accepting until nobody waits.
    case untilEmpty
}

/// What a server calls. One object for all threads.
package protocol HTTPServerDelegate: AnyObject {
    /// Runs the application. True if the response is complete, or follows: ``Exchange/answersLater``. On a thread that
    /// runs the application.
    func handle(_ exchange: Exchange) -> Bool

    /// The session of a connection just accepted, if the configuration says that they have one; nil ends the connection.
    /// On the loop's thread.
    func session(on socket: FileDescriptor) -> SecureSession?

    /// A response is out; the request's head and its facts are still there. On the same thread.
    func finished(_ exchange: Exchange)

    /// A connection was accepted; so many are open now. On the loop's thread.
    func accepted(open: Int)

    /// A connection has ended; so many are open now. On the loop's thread.
    func closed(_ connection: Connection, open: Int)

    /// So many requests are with application threads, or wait for one, now. On the loop's thread; never with one thread.
    func lent(_ count: Int)

    /// A request took too long and was answered in its thread's place, which may still run it. On the loop's thread.
    func brokeOff(_ connection: Connection, thread: Int, status: Int, bytesSent: Int64)

    /// A request that waited for a thread was answered, for no thread will come to it. On the loop's thread.
    func turnedAway(_ connection: Connection, status: Int, bytesSent: Int64)

    /// A request was refused before the application saw it. On the loop's thread.
    func rejected(_ rejection: Rejection, from peer: Peer)

    /// No keys could be agreed on with a client. On the loop's thread.
    func handshakeFailed(_ reason: String, with peer: Peer)

    /// The loop turns, at least once a second: `now` on CLOCK_MONOTONIC, nanoseconds. On the loop's thread.
    func turned(now: UInt64)

    /// A descriptor given to ``HTTPServer/watch(_:)`` is readable. On the loop's thread.
    func readable(_ descriptor: FileDescriptor)

    /// No connection can be accepted for want of descriptors. On the loop's thread.
    func exhausted(errno: Int32)
}

/// What not every delegate wants to know.
extension HTTPServerDelegate {
    package func accepted(open: Int) {}

    package func closed(_ connection: Connection, open: Int) {}

    package func lent(_ count: Int) {}

    package func brokeOff(_ connection: Connection, thread: Int, status: Int, bytesSent: Int64) {}

    package func turnedAway(_ connection: Connection, status: Int, bytesSent: Int64) {}
}

/// For servers in clear.
extension HTTPServerDelegate {
    package func session(on socket: FileDescriptor) -> SecureSession? { nil }

    package func handshakeFailed(_ reason: String, with peer: Peer) {}
}
