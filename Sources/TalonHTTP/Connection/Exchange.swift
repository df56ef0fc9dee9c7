import TalonPlatform

/// Who is told what a request does while it runs, on the thread that runs it.
package protocol ExchangeObserver: AnyObject {
    /// It waits for its client now: to read from it, or to send to it.
    func willBlock(_ exchange: Exchange, isReading: Bool)
    func didBlock(_ exchange: Exchange)

    /// The client has sent bytes of the body, or bytes of the response went out before its end.
    func progressed(_ exchange: Exchange)
}

/// One request and its response, on the thread that runs the application.
///
/// A thread has one exchange and uses it for every request that it runs. Reading the body and sending the response
/// are plain waits on the socket: while a request runs, its connection belongs to this thread. Where applications
/// answer later, there is one for each request that runs, and it waits as its ``waiter`` does.
package final class Exchange {
    /// What becomes of the connection afterwards.
    enum Ending {
        case keep
        case close
        /// The response is out, but the client may still be sending.
        case linger
    }

    enum Phase {
        /// Nothing stated.
        case empty
        /// A head is stated, nothing is sent.
        case stated
        /// The head is sent, or on its way.
        case committed
        /// Bytes are missing that were announced: nothing may follow.
        case cut
        /// The client is gone.
        case broken
    }

    package private(set) var connection: Connection?
    /// Which of the server's threads it belongs to: 0 is the loop's own, and the application threads count from 1.
    package let thread: Int
    /// Lives as long as the exchange. A weak reference to it would make each of its others dearer.
    package var observer: (any ExchangeObserver)?
    /// How it waits for its client; nil: in poll(2), and its thread with it.
    package var waiter: ExchangeWaiter?
    /// The application answers after its call has returned: ``HTTPServer/complete(_:succeeded:)``. Set by who calls it.
    package var answersLater = false
    /// The application is being called. Who calls it says so.
    package var isInApplication = false
    /// How long a client may be silent in the middle of a request or a response; milliseconds.
    let patience: Int32
    /// What a client does not take at once is left to the loop.
    let leavesRest: Bool
    private let limits: HTTPLimits
    private let isOneOfMany: Bool
    var body: RequestBody?
    var response = ResponseHead()
    var phase = Phase.empty
    /// After its head the connection speaks this protocol, and no HTTP.
    var upgrade: [UInt8]?
    /// The connection is the application's.
    var isDetached = false
    var framing = ResponseFraming(
        status: 200, isHead: false, versionMinor: 1, contentLength: 0, keepAlive: true)
    /// The head, and after it what goes out with it.
    var out: [UInt8] = []
    /// Body bytes that wait for the head to be decided.
    private var pending: [UInt8] = []
    /// Fields that others than the application want in its response.
    private var added = AddedFields()
    private var date = DateCache()
    private var mayKeep = true
    /// The answer is the server's, or a hook's, not the application's.
    private var isOwnAnswer = false
    /// The loop has answered in this thread's place, because it took too long; see ``HTTPServer/breakOff(threads:status:)``.
    package private(set) var isBrokenOff = false

    /// The head of the response is kept for whoever tells of it afterwards.
    package var keepsHead = false
    /// It, and perhaps more after it; empty unless it is kept.
    package private(set) var responseHead: [UInt8] = []
    package private(set) lazy var accessLine = AccessLine()
    /// What the application says of the request.
    package var notes = RequestNotes()
    /// How the request ended. Once its response is out.
    package private(set) var outcome = RequestOutcome.answered
    /// Status sent; 0 if none was.
    package internal(set) var status = 0
    /// Bytes of the response's body that were sent, without framing.
    package internal(set) var bytesSent: Int64 = 0
    /// When the application was called; CLOCK_MONOTONIC, nanoseconds.
    package private(set) var startedAt: UInt64 = 0
    /// When the response was out.
    package internal(set) var endedAt: UInt64 = 0

    /// Bytes of a response that wait for each other before they are sent.
    static let bufferLimit = 32768
    /// Of each of many exchanges.
    private static let keptCapacity = 8192

    /// `isOneOfMany`: it keeps no memory between requests that a small response does not need.
    init(
        limits: HTTPLimits, patience: Int32, leavesRest: Bool = false, thread: Int = 0, isOneOfMany: Bool = false
    ) {
        self.thread = thread
        self.leavesRest = leavesRest
        self.limits = limits
        self.patience = patience
        self.isOneOfMany = isOneOfMany
        out.reserveCapacity(isOneOfMany ? 1024 : Exchange.bufferLimit + 1024)
        pending.reserveCapacity(1024)
    }

    /// Bytes of the request's body that the application has read.
    package var bytesReceived: Int64 { body?.byteCount ?? 0 }

    /// How long the request waited for the application; nanoseconds.
    package var queued: UInt64 {
        guard let arrival = connection?.arrivedAt, startedAt > arrival else { return 0 }
        return startedAt - arrival
    }

    /// True once a byte of the response may have been sent.
    package var isCommitted: Bool { phase == .committed || phase == .cut || phase == .broken }

    // MARK: The server's side

    func begin(_ connection: Connection, mayKeep: Bool, at time: UInt64) {
        self.connection = connection
        self.mayKeep = mayKeep && connection.head.keepAlive
        startedAt = time
        answersLater = false
        upgrade = nil
        isDetached = false
        body = RequestBody(connection, limits: limits)
        phase = .empty
        isOwnAnswer = false
        isBrokenOff = false
        notes.reset()
        status = 0
        bytesSent = 0
        if !out.isEmpty { out.removeAll(keepingCapacity: true) }
        if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
        added.reset()
        if keepsHead { responseHead.removeAll(keepingCapacity: true) }
    }

    /// Completes the response. `succeeded` is what the application says of itself.
    func end(succeeded: Bool) -> Ending {
        guard mayRespond else {
            outcome = .failed
            return .close
        }
        let ending = complete(succeeded: succeeded)
        outcome = judge(succeeded: succeeded)
        return ending
    }

    private func judge(succeeded: Bool) -> RequestOutcome {
        if !notes.error.isEmpty { return .failed }
        if !succeeded, case .malformed(let rejection) = body?.failure { return .malformed(rejection) }
        if phase == .broken || (!succeeded && body?.failure != nil) { return .abandoned }
        return !succeeded || (isOwnAnswer && status >= 500) ? .failed : .answered
    }

    private func complete(succeeded: Bool) -> Ending {
        guard let connection else { return .close }
        let wasCommitted = isCommitted
        if !wasCommitted, !succeeded, let failure = body?.failure {
            // The application could do nothing else: the fault is the client's.
            guard case .malformed = failure else { return .close }
            answerWithError(400, "Invalid chunked body")
        } else if !wasCommitted, !succeeded || phase == .empty {
            if isGivenUp(connection) {
                phase = .broken
                return .close
            }
            answerWithError(500, "")
        } else if phase == .stated {
            commit(connection, contentLength: Int64(pending.count))
            sendOut()
        } else if succeeded, phase == .committed {
            if framing.body == .chunked { ChunkEncoder.last(into: &out) }
            sendOut()
        } else if phase == .cut {
            sendOut()
        }
        // A response that stops in the middle must look like one: the connection ends with it.
        if phase == .broken || phase == .cut || isShort || (wasCommitted && !succeeded) {
            // Where the end of the connection is the end of the body, only a reset tells the client.
            if framing.body == .untilClose { connection.cut() }
            return .close
        }
        // What was handed over is somebody else's to shut down.
        if isDetached { return .close }
        guard body?.canBeSkipped(connection) ?? true else { return .linger }
        if framing.keepAlive { return .keep }
        // Who did not ask for the end may be sending the next request, which would reset the connection and with it the
        // response (RFC 9112 §9.6).
        return connection.head.keepAlive || body?.hasRest(connection) == true ? .linger : .close
    }

    /// Applications that wait beside each other learn of a client that leaves, and need not answer it then. That is no
    /// fault of theirs, unless they state one.
    private func isGivenUp(_ connection: Connection) -> Bool {
        isOneOfMany && notes.error.isEmpty && connection.socket.hasEnded
    }

    /// Gives the connection back, with the request's bytes consumed.
    func release() {
        if let connection { body?.finish(connection) }
        body = nil
        connection = nil
        if isOneOfMany, out.capacity > Exchange.keptCapacity || pending.capacity > Exchange.keptCapacity {
            out = []
            pending = []
        }
    }

    // MARK: Others on the way to the application

    /// Adds a field to the head that the application will state, or that ``answer(status:contentType:body:)`` does; not
    /// to the server's own pages. False if it is invalid, a field of the server or of the framing, or one too many.
    package func addToResponse(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
        guard !isCommitted else { return false }
        return added.append(name: name, value: value)
    }

    /// Answers in the application's place, with a page of the server; the connection ends with it.
    package func refuse(status: Int) {
        guard !isCommitted else { return }
        answerWithError(status, "")
    }

    /// Answers in the application's place. False if the client is gone, or what was given is invalid.
    package func answer(status: Int, contentType: Span<UInt8>, body: Span<UInt8>) -> Bool {
        let nothing: [UInt8] = []
        guard respond(status: status, reason: nothing.span) else { return false }
        isOwnAnswer = true
        if contentType.count > 0 {
            guard addField(name: Exchange.contentType.span, value: contentType) else { return false }
        }
        guard let connection else { return false }
        commit(connection, contentLength: Int64(body.count))
        return send(body)
    }

    private static let contentType = Array("Content-Type".utf8)

    // MARK: The application's side

    /// Reads body bytes.
    package func read(into target: inout OutputRawSpan) -> BodyRead {
        guard let connection else { return .broken }
        do {
            // In the middle of a response there is no place for 100 Continue any more.
            if isCommitted { body?.forgetExpectation() }
            let count = try body?.read(into: &target, from: connection) { wait(connection, for: Exchange.readable) }
            observer?.progressed(self)
            return count.map { $0 > 0 ? .bytes($0) : .ended } ?? .broken
        } catch .notYet {
            return .notYet
        } catch {
            mayKeep = false
            return .broken
        }
    }

    /// Begins a head; the fields follow by ``addField(name:value:)``. False if it is invalid or too late.
    package func respond(status: Int, reason: Span<UInt8>) -> Bool {
        guard !isCommitted else { return false }
        if !out.isEmpty { out.removeAll(keepingCapacity: true) }
        phase = .empty
        let fault =
            reason.count == 0
            ? response.start(status: status, into: &out) : response.start(status: status, reason: reason, into: &out)
        guard fault == nil else { return false }
        phase = .stated
        return true
    }

    /// Adds a field to the head. False if it is invalid; the head is dropped then.
    package func addField(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
        guard phase == .stated else { return false }
        if case .refused = response.append(name: name, value: value, into: &out) {
            phase = .empty
            return false
        }
        return true
    }

    /// Takes bytes of the body; waits while the client takes none. False if the client is gone or no head is stated.
    package func write(_ bytes: Span<UInt8>) -> Bool {
        switch phase {
        case .empty, .cut, .broken: return false
        case .stated:
            if pending.count + bytes.count <= Exchange.bufferLimit {
                pending.append(bytes)
                return true
            }
            guard let connection else { return false }
            commit(connection, contentLength: nil)
        case .committed: break
        }
        return send(bytes)
    }

    /// Sends what is buffered.
    package func flush() -> Bool {
        if phase == .stated, let connection { commit(connection, contentLength: nil) }
        guard phase == .committed else { return false }
        return sendOut()
    }

    // MARK: Sending

    static let readable: Int32 = 1
    static let writable: Int32 = 4

    /// A declared length that the application has not reached: the client must see that something is missing.
    private var isShort: Bool {
        if case .length(let length) = framing.body { bytesSent < length } else { false }
    }

    /// Decides the framing and puts head and pending body into `out`.
    func commit(_ connection: Connection, contentLength known: Int64?) {
        let skippable = body?.canBeSkipped(connection) ?? true
        // What an application leaves out in answer to HEAD, or with 304, says nothing about the real length.
        let tellsLength = !connection.head.isHead && response.status != 304
        framing =
            upgrade != nil
            ? .upgraded
            : ResponseFraming(
                status: response.status, isHead: connection.head.isHead, versionMinor: connection.head.versionMinor,
                contentLength: response.contentLength ?? (tellsLength ? known : nil),
                keepAlive: mayKeep && skippable)
        added.write(into: &out)
        response.end(framing: framing, upgrade: upgrade, dateLine: dateLine(), into: &out)
        keepHead()
        status = response.status
        phase = .committed
        framePending(pending)
        if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
    }

    /// Right after it was made, when nothing is in `out` before it.
    private func keepHead() {
        guard keepsHead else { return }
        responseHead.removeAll(keepingCapacity: true)
        responseHead.append(contentsOf: out)
    }

    /// How many of these bytes belong into the response.
    func allowed(_ count: Int) -> Int {
        switch framing.body {
        case .none: 0
        case .length(let length): Int(min(Int64(count), length - bytesSent))
        case .chunked, .untilClose: count
        }
    }

    /// Puts body bytes into `out`.
    private func frame(_ bytes: Span<UInt8>) {
        let count = allowed(bytes.count)
        guard count > 0 else { return }
        if framing.body == .chunked { ChunkEncoder.header(size: count, into: &out) }
        out.append(bytes.extracting(0..<count))
        if framing.body == .chunked { ChunkEncoder.ending(into: &out) }
        bytesSent += Int64(count)
    }

    private func framePending(_ bytes: [UInt8]) {
        frame(bytes.span)
    }

    private func send(_ bytes: Span<UInt8>) -> Bool {
        if out.count + bytes.count <= Exchange.bufferLimit {
            frame(bytes)
            return true
        }
        let count = allowed(bytes.count)
        guard count > 0 else { return sendOut() }
        if framing.body == .chunked { ChunkEncoder.header(size: count, into: &out) }
        guard sendOut(with: bytes.extracting(0..<count)) else { return false }
        bytesSent += Int64(count)
        if framing.body == .chunked { ChunkEncoder.ending(into: &out) }
        return true
    }

    @discardableResult
    func sendOut() -> Bool {
        let nothing: [UInt8] = []
        return sendOut(with: nothing.span)
    }

    /// Sends `out` and then `tail`, all of it.
    func sendOut(with tail: Span<UInt8>) -> Bool {
        guard let connection, mayRespond, send(out, tail, to: connection) else {
            phase = .broken
            return false
        }
        if !out.isEmpty { out.removeAll(keepingCapacity: true) }
        if isInApplication { observer?.progressed(self) }
        return true
    }

    /// False once the loop has answered in this thread's place. From the first call on it does not any more.
    var mayRespond: Bool {
        guard thread > 0, let connection else { return true }
        isBrokenOff = !connection.claim.takeForThread()
        return !isBrokenOff
    }

    private func send(_ head: [UInt8], _ tail: Span<UInt8>, to connection: Connection) -> Bool {
        let bytes = head.span
        // Behind what waits already.
        if connection.unsent.count > 0, !sendUnsent(of: connection) { return false }
        if connection.unsent.count > 0 { return connection.unsent.append(bytes, tail) }
        var done = 0
        while done < bytes.count + tail.count {
            let outcome: SendOutcome
            if done >= bytes.count {
                outcome = connection.send(tail.extracting((done - bytes.count)..<tail.count))
            } else if tail.count == 0 {
                outcome = connection.send(bytes.extracting(done..<bytes.count))
            } else {
                outcome = connection.send(bytes.extracting(done..<bytes.count), tail)
            }
            switch outcome {
            case .sent(let count):
                done += count
                connection.traffic.sent += Int64(count)
            case .wouldBlock where leavesRest || waiter?.isElsewhere == true:
                let rest = max(0, done - bytes.count)
                return connection.unsent.append(
                    bytes.extracting(min(done, bytes.count)..<bytes.count), tail.extracting(rest..<tail.count))
            case .wouldBlock where wait(connection, for: Exchange.writable) == .ready: continue
            default: return false
            }
        }
        return true
    }

    /// As much as the client takes now. False if it is gone.
    private func sendUnsent(of connection: Connection) -> Bool {
        while connection.unsent.count > 0 {
            switch connection.sendUnsent() {
            case .sent(let count): connection.traffic.sent += Int64(count)
            case .wouldBlock: return true
            case .failed: return false
            }
        }
        return true
    }

    private func answerWithError(_ code: Int, _ detail: String) {
        if !out.isEmpty { out.removeAll(keepingCapacity: true) }
        if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
        bytesSent = ErrorPage.render(
            status: code, reason: HTTPStatus.reasonPhrase(code), detail: detail,
            isHead: connection?.head.isHead ?? false,
            dateLine: dateLine(), into: &out)
        keepHead()
        framing = ResponseFraming(status: code, isHead: true, versionMinor: 1, contentLength: 0, keepAlive: false)
        status = code
        isOwnAnswer = true
        phase = .committed
        sendOut()
    }

    private func dateLine() -> [UInt8] {
        date.line(at: Int(MonotonicClock.unixTime() / nanosecondsPerSecond))
    }
}
