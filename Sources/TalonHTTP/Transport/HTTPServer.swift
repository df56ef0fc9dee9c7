import Glibc
package import TalonPlatform

/// Serves HTTP on listeners that others opened: one thread waits on all sockets; applications run on it, or on threads
/// of their own.
///
/// With one application thread the application is called here, inline, once a request is complete in memory. While it
/// runs nothing else does, and nothing is accepted, so that a waiting connection goes to another worker. With more
/// threads, this one only accepts, reads heads and hands over. An application that answers later is called here, too,
/// and goes on in its own way: see AsynchronousRequests.swift.
package final class HTTPServer {
    let configuration: HTTPServerConfiguration
    /// For connections of peers that are trusted.
    let trustedLimits: HTTPLimits
    /// Lives as long as the server, which is as long as the process.
    let delegate: any HTTPServerDelegate
    let listeners: [Listener]
    let poller: Poller
    let pool: ThreadPool
    let bell: EventDescriptor
    private let inlineExchange: Exchange
    /// Of an application that answers later.
    let running: RunningExchanges
    private var watched: [FileDescriptor] = []

    /// By descriptor.
    var connections: [Connection?] = []
    var connectionCount = 0
    /// Those of them that are streams of HTTP/2.
    var streamCount = 0
    /// Connections that the front has.
    var handedOver = 0
    /// Speaks HTTP/2; nil until a client has chosen it.
    var front: HTTP2Front?
    /// Connections with a request that is here, which runs on this thread: one of each in a turn, so that none keeps the
    /// loop to itself.
    var pending: [Connection] = []
    /// Those of them whose turn it is.
    private var ready: [Connection] = []
    /// The loop reads from all connections before it runs a request: reads and responses that come in rows cost the
    /// kernel less, and a client sees no difference. A response waits for nothing: it goes out before the next request
    /// runs.
    private(set) var isReading = false
    private var date = DateCache()
    /// Requests handed to application threads and not back yet.
    var lent = 0
    /// Those of them that nobody waits for any more.
    var brokenOff: [Connection] = []
    var isAccepting = false
    /// Listeners that are accepted from, by index.
    private(set) var served: [Int]
    /// Stopping: no connection is kept, and none is new but what waits in a queue that is to be emptied.
    package private(set) var isDraining = false
    private(set) var queueDrain = QueueDrain.leave
    private var drainBegan: UInt64 = 0
    private var drainDeadline: UInt64 = 0
    private var stopDeadline: UInt64 = 0
    private var isStopped = false
    /// It ended because descriptors that it needs were closed by others in the process.
    package private(set) var isBroken = false
    private var lastSweep: UInt64 = 0
    /// Accepting is suspended until then, for want of descriptors.
    var acceptAgainAt: UInt64 = 0
    var now = MonotonicClock.now()
    /// When the loop last learned what there is to do.
    private(set) var turnedAt = MonotonicClock.now()

    private let thread = pthread_self()
    /// Whether the caller is on the thread that made the server, which is the loop's.
    package var isOwnThread: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// The application has done with a request when its call has returned, on this thread.
    var isInline: Bool { configuration.threads == 1 && !configuration.isAsynchronous }
    /// Connections are watched for input all the time, not anew before each request.
    var watchesByLevel: Bool { configuration.threads == 1 }
    /// Requests that run at a time.
    private var capacity: Int {
        configuration.isAsynchronous ? configuration.connectionLimit : configuration.threads
    }

    package init(
        listeners: [Listener], configuration: HTTPServerConfiguration, delegate: any HTTPServerDelegate
    ) throws(SystemError) {
        self.configuration = configuration
        trustedLimits = configuration.limits.keepingUnderscores
        self.delegate = delegate
        self.listeners = listeners
        served = Array(listeners.indices)
        poller = try Poller()
        bell = try EventDescriptor.create()
        pool = ThreadPool(threads: configuration.threads, bell: bell)
        inlineExchange = Exchange(
            limits: configuration.limits, patience: configuration.patience,
            leavesRest: configuration.sendTime != nil)
        running = RunningExchanges(
            limits: configuration.limits, patience: configuration.patience,
            limit: configuration.isAsynchronous ? configuration.connectionLimit : 0)
        poller.add(bell.descriptor, token: Int(bell.descriptor.rawValue), .level)
    }

    /// The exchange of the loop's own thread, when the application runs there.
    package var loopExchange: Exchange { inlineExchange }

    /// An exchange for one application thread; they count from 1.
    package func makeExchange(thread: Int) -> Exchange {
        Exchange(
            limits: configuration.limits, patience: configuration.patience,
            leavesRest: configuration.sendTime != nil, thread: thread)
    }

    /// Tells the delegate when `descriptor` is readable.
    package func watch(_ descriptor: FileDescriptor) {
        watched.append(descriptor)
        poller.add(descriptor, token: Int(descriptor.rawValue), .level)
    }

    /// Serves until ``stop()``, or after ``drain()`` until the last connection is gone, or the time for it
    /// is over.
    package func run() {
        while turn(upTo: pause) {}
        finish()
    }

    /// Readable when there is something for a turn to do: for a loop that is somebody else's.
    package var descriptor: FileDescriptor { poller.descriptor }

    /// How long nothing may need the loop's attention but its descriptors: milliseconds.
    package var pause: Int32 {
        if !pending.isEmpty { return 0 }
        return isDraining || acceptAgainAt > now ? 50 : configuration.pause
    }

    /// One turn of the loop, which waits at most so many milliseconds for something to do. False when it has ended; then
    /// ``finish()`` is due.
    package func turn(upTo wait: Int32) -> Bool {
        guard !isStopped, !(isDraining && (isDone || now >= stopDeadline)) else { return false }
        setAccepting(mayAccept)
        guard let count = poller.wait(timeoutMilliseconds: wait) else {
            isBroken = true
            return false
        }
        now = MonotonicClock.now()
        turnedAt = now
        // Listeners first: the kernel woke this worker alone for a new connection, which must not wait until
        // others have been served.
        for index in 0..<count where isListener(poller.token(index)) { accept(from: poller.token(index)) }
        isReading = true
        for index in 0..<count where !isListener(poller.token(index)) { dispatch(poller.token(index)) }
        if front != nil { takeStreams() }
        isReading = false
        servePending()
        now = MonotonicClock.now()
        delegate.turned(now: now)
        if now - lastSweep > (isDraining ? 50_000_000 : 500_000_000) { sweep() }
        return true
    }

    /// After the last turn.
    package func finish() {
        setAccepting(false)
        resetBrokenOff()
        pool.stop()
        front?.passage.stop()
    }

    /// Stops in good order: accepts nothing more, finishes what runs within `stopLimit`, lets idle connections go after
    /// a moment.
    ///
    /// `queues`: who waits in them may be served before.
    package func drain(_ queues: QueueDrain = .leave) {
        queueDrain = queues
        if case .leave = queues { for index in served { leave(index) } }
        guard !isDraining else { return }
        isDraining = true
        let now = MonotonicClock.now()
        drainBegan = now
        if case .untilEmpty = queues { refuseNew() }
        drainDeadline = now + configuration.stopGrace
        stopDeadline = now + configuration.stopLimit
        // The poller looks anew at what it waits for: the end of a listener may have come before.
        setAccepting(false)
        front?.passage.leave()
    }

    private func refuseNew() {
        for listener in served.map({ listeners[$0] }) where listener.address.isTCP { listener.refuseNew() }
    }

    private var isDone: Bool { served.isEmpty && connectionCount <= brokenOff.count && handedOver == 0 }

    /// Nothing more is to come from a listener.
    func leave(_ index: Int) {
        guard let place = served.firstIndex(of: index) else { return }
        served.remove(at: place)
        // Closed, not only unwatched, so that the socket ends with the last process that listens.
        if isAccepting { poller.remove(listeners[index].descriptor) }
        listeners[index].descriptor.close()
    }

    /// A connection that waited in the queue while others ran has its moment, too.
    func prolongDrain() {
        drainDeadline = max(drainDeadline, now + configuration.stopGrace)
    }

    /// An application thread may still have a request, after the loop has ended.
    package var isBusy: Bool { lent > 0 }

    /// Stops at once.
    package func stop() {
        isStopped = true
    }

    private func isListener(_ token: Int) -> Bool {
        served.contains { Int(listeners[$0].descriptor.rawValue) == token }
    }

    private func accept(from token: Int) {
        if let index = served.first(where: { Int(listeners[$0].descriptor.rawValue) == token }) { accept(index) }
    }

    private func dispatch(_ token: Int) {
        if token < connections.count, let connection = connections[token] { return proceed(connection) }
        if token == Int(bell.descriptor.rawValue) {
            for (connection, ending) in pool.collect() { takeBack(connection, ending) }
            completeCollected()
        } else if let descriptor = watched.first(where: { Int($0.rawValue) == token }) {
            delegate.readable(descriptor)
        }
    }

    /// Whether a new connection could be served now.
    private var mayAccept: Bool {
        !served.isEmpty && lent < capacity && acceptAgainAt <= now
            && (max(connectionCount, clientCount) < configuration.connectionLimit || configuration.makesRoom)
    }

    private func setAccepting(_ wanted: Bool) {
        guard wanted != isAccepting else { return }
        isAccepting = wanted
        for listener in served.map({ listeners[$0] }) {
            if wanted {
                poller.add(listener.descriptor, token: Int(listener.descriptor.rawValue), .exclusive)
            } else {
                poller.remove(listener.descriptor)
            }
        }
    }

    /// Runs the application for a connection whose request is ready, on this thread.
    func runInline(_ connection: Connection) -> Exchange.Ending {
        let ending = run(connection, on: inlineExchange)
        // The application may have taken long; time limits count from here.
        now = inlineExchange.endedAt
        return ending
    }

    /// Runs requests on the calling thread until the server stops. An application thread.
    package func runApplicationThread(_ exchange: Exchange) {
        while let connection = pool.take(thread: exchange.thread) {
            pool.giveBack(connection, run(connection, on: exchange), thread: exchange.thread)
        }
    }

    private func run(_ connection: Connection, on exchange: Exchange) -> Exchange.Ending {
        exchange.begin(connection, mayKeep: connection.mayKeep, at: MonotonicClock.now())
        let succeeded = delegate.handle(exchange)
        let ending = exchange.end(succeeded: succeeded)
        exchange.endedAt = MonotonicClock.now()
        delegate.finished(exchange)
        exchange.release()
        return ending
    }

    private func servePending() {
        guard !pending.isEmpty else { return }
        // Two lists in turn, both kept: nothing is allocated.
        swap(&pending, &ready)
        for connection in ready {
            connection.isPending = false
            if connection.stage == .head || connection.stage == .body { advance(connection) }
        }
        ready.removeAll(keepingCapacity: true)
    }

    /// The Date field of a response that no exchange makes.
    var dateLine: [UInt8] { date.line(at: Int(MonotonicClock.unixTime() / nanosecondsPerSecond)) }

    /// Closes what has waited too long.
    private func sweep() {
        lastSweep = now
        if !isDraining, listeners.contains(where: { !$0.descriptor.isOpen }) {
            isBroken = true
            return stop()
        }
        if isDraining, case .untilEmpty = queueDrain, now >= drainBegan + Listener.handshakeTime {
            for index in served where !listeners[index].hasWaiting { leave(index) }
        }
        if isDraining { turnAwayWaiting() }
        for case let connection? in connections where connection.stage != .lent {
            let limit = isDraining && connection.isIdle ? min(connection.deadline, drainDeadline) : connection.deadline
            // What came while the application ran on this thread has not been looked for yet.
            if (connection.isIdle ? turnedAt : now) >= limit {
                timeOut(connection)
            } else if connection.isIdle {
                connection.input.releaseIfEmpty()
            }
        }
    }
}
