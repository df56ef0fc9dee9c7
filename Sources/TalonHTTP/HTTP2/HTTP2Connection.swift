import TalonPlatform

/// One connection that speaks HTTP/2: its frames go by the session, its streams to the server by pipes. Of the front's
/// thread.
final class HTTP2Connection {
    /// What it was accepted as; the server has it back in the end.
    let connection: Connection
    private let session: SecureSession
    private let origin: StreamOrigin
    private unowned let front: HTTP2Front
    private var frames: HTTP2Session?
    private var streams: [Int32: HTTP2Stream] = [:]
    /// Streams for which something has come, which may not be seen to while frames are read.
    private var touched: [HTTP2Stream] = []
    /// Bytes for the client that are frames already.
    private let out = InputBuffer()
    private var sentAt: UInt64
    private var burden = BurdenCount()
    /// Frames are understood no more, or too many: what waits is sent, and that is the end.
    private var isEnding = false
    /// All is sent. What still comes is thrown away for a moment, so that no reset overtakes it.
    private var isLingering = false
    private(set) var isClosed = false
    /// Turns of the loop are shared: there is more to send than one connection may in one of them.
    private var hasMore = false
    /// When it is over with it: idle, lingering, or going away.
    private var deadline: UInt64
    private var isLeaving = false

    /// Bytes sent in a turn, at most; read in a turn, at most.
    private static let turnSize = 256 << 10
    private static let frameSize = 16_384
    /// A client that reads no answers is not read from.
    private static let mostBacklog = 512

    init(_ connection: Connection, _ session: SecureSession, front: HTTP2Front) {
        self.connection = connection
        self.session = session
        self.front = front
        origin = StreamOrigin(connection)
        sentAt = front.now
        deadline = front.now + front.configuration.headTime
    }

    /// Begins to speak. False if there is no memory.
    func begin(_ http2: HTTP2Configuration) -> Bool {
        frames = HTTP2Session(http2.library, limits: http2.limits, host: self)
        return frames != nil
    }

    // MARK: What the loop calls

    /// There is input, or room.
    func proceed() {
        guard !isClosed else { return }
        if isLingering { return discard() }
        receive()
        advance()
    }

    /// A pipe has input, or room.
    func proceed(_ stream: HTTP2Stream) {
        guard !isClosed, streams[stream.id] === stream else { return }
        if stream.wantsRoom { flush(stream) }
        if stream.awaitsHead {
            passHeads(of: stream)
        } else if stream.awaitsBody {
            frames?.resume(stream: stream.id)
        }
        advance()
        if streams[stream.id] === stream { front.watch(stream, of: self) }
    }

    /// No new streams are wanted. The client has the time of one answer to send those that are on their way.
    func leave() {
        guard !isLeaving, !isEnding, !isClosed, !isLingering else { return }
        isLeaving = true
        deadline = front.now + front.configuration.stopGrace
        frames?.announceEnd()
        frames?.ask()
        advance()
    }

    /// Its time may be over.
    func sweep() {
        guard !isClosed else { return }
        let now = front.now
        if isLingering || isEnding { return now >= deadline ? close() : () }
        let patience = front.configuration.silence
        if out.count > 0, now >= sentAt + patience {
            connection.socket.resetOnClose()
            return close()
        }
        for stream in streams.values {
            if stream.isIncomplete, now >= stream.begunAt + front.configuration.headTime {
                return end(.enhanceYourCalm)
            }
            if stream.isClients, now >= stream.progressedAt + patience { frames?.reset(stream: stream.id, .cancel) }
        }
        if now >= deadline {
            if isLeaving {
                // It has not said a word.
                deadline = .max
                frames?.refuseStreams()
            } else if streams.isEmpty {
                return leave()
            }
        }
        advance()
    }

    /// Ends all that runs, with a word if there is room for it.
    func stop() {
        guard !isClosed else { return }
        frames?.terminate(.none)
        send()
        close()
    }

    // MARK: Input

    private func receive() {
        var room = HTTP2Connection.turnSize
        while !isEnding, !isClosed, (frames?.backlog ?? 0) < HTTP2Connection.mostBacklog {
            // What the session holds no poller tells of.
            guard room > 0 || session.hasPending else { return }
            switch front.input.receive(from: session, limit: HTTP2Connection.frameSize) {
            case .received(let count):
                room -= count
                take()
            case .wouldBlock: return
            case .ended, .failed: return close()
            }
        }
    }

    private func take() {
        let isUnderstood = front.input.withBytes { frames?.receive($0) ?? false }
        front.input.consume(front.input.count)
        if !isUnderstood { isEnding = true }
        for stream in touched where streams[stream.id] === stream {
            flush(stream)
            // With what has come of the body, so that a small request is there in one piece.
            front.introduce(stream)
        }
        touched.removeAll(keepingCapacity: true)
    }

    private func flush(_ stream: HTTP2Stream) {
        let count = stream.flush()
        if count > 0 { frames?.consume(stream: stream.id, count: count) }
        front.watch(stream, of: self)
    }

    /// After its last word a client may still be sending; see ``Connection/lingerLimit``.
    private func discard() {
        var room = HTTP2Connection.turnSize
        while room > 0 {
            switch front.input.receive(from: connection.socket, limit: HTTP2Connection.frameSize) {
            case .received(let count):
                room -= count
                front.input.consume(front.input.count)
                connection.discarded += count
                if connection.discarded > Connection.lingerLimit { return close() }
            case .wouldBlock: return front.watch(self, .once)
            case .ended, .failed: return close()
            }
        }
        front.watch(self, .once)
    }

    // MARK: Output

    /// Sends what there is, and sees to what follows from it.
    private func advance() {
        guard !isClosed, !isLingering else { return }
        send()
        guard !isClosed else { return }
        let isDone = frames?.isOpen != true
        if isDone || isEnding { closeStreams() }
        if out.count == 0, !hasMore, isDone || isEnding { return linger() }
        if isEnding, deadline > front.now + Connection.lingerTime { deadline = front.now + Connection.lingerTime }
        let mayRead = !isEnding && (frames?.backlog ?? 0) < HTTP2Connection.mostBacklog
        front.watch(self, out.count > 0 || hasMore ? (mayRead ? .either : .room) : .once)
    }

    private func send() {
        var room = HTTP2Connection.turnSize
        hasMore = false
        while true {
            while out.count < HTTP2Connection.frameSize, frames?.nextOutput({ out.append($0) }) == true {}
            guard out.count > 0 else { return }
            guard room > 0 else {
                hasMore = true
                return
            }
            switch out.withBytes({ session.send($0) }) {
            case .sent(let count):
                out.consume(count)
                room -= count
                sentAt = front.now
            case .wouldBlock: return
            case .failed: return close()
            }
        }
    }

    /// Passes on what the server has answered.
    private func passHeads(of stream: HTTP2Stream) {
        while stream.awaitsHead {
            let isSent: Bool?
            switch stream.nextHead() {
            case .incomplete: return
            case .interim(let fields):
                isSent = frames?.respond(stream: stream.id, fields, isFinal: false, hasBody: false)
            case .final(let fields, let hasBody):
                stream.progressedAt = front.now
                isSent = frames?.respond(stream: stream.id, fields, isFinal: true, hasBody: hasBody)
            case .malformed: isSent = false
            }
            guard isSent == true else {
                frames?.reset(stream: stream.id, .internalError)
                return
            }
        }
    }

    // MARK: Ends

    private func end(_ error: HTTP2Error) {
        guard !isEnding, !isClosed else { return }
        isEnding = true
        deadline = front.now + Connection.lingerTime
        frames?.terminate(error)
        advance()
    }

    private func linger() {
        closeStreams()
        session.finish()
        connection.socket.shutdownSending()
        isLingering = true
        deadline = front.now + Connection.lingerTime
        discard()
    }

    private func closeStreams() {
        for stream in streams.values { front.forget(stream) }
        streams.removeAll()
    }

    private func close() {
        guard !isClosed else { return }
        isClosed = true
        closeStreams()
        front.forget(self)
    }
}

extension HTTP2Connection: HTTP2SessionHost {
    func begin(stream id: Int32) {
        streams[id] = HTTP2Stream(id: id, headerListSize: front.headerListSize, at: front.now)
    }

    func field(stream id: Int32, name: Span<UInt8>, value: Span<UInt8>) {
        streams[id]?.add(name: name, value: value)
    }

    func request(stream id: Int32, hasBody: Bool) {
        guard let stream = streams[id], stream.isIncomplete else { return }
        guard let head = stream.head(hasBody: hasBody) else { return refuse(stream) }
        guard let pipe = front.open(stream, of: self, origin) else {
            frames?.reset(stream: id, .refusedStream)
            return
        }
        stream.open(pipe, head: head, hasBody: hasBody)
        touched.append(stream)
    }

    /// What is malformed is no request (RFC 9113 §8.1.1); what is only too much, or not for us, is answered.
    private func refuse(_ stream: HTTP2Stream) {
        let rejection = stream.request.rejection ?? .requestLine
        front.rejected(rejection, origin)
        guard rejection.status != 400 else {
            frames?.reset(stream: stream.id, .protocolError)
            return
        }
        _ = frames?.respond(stream: stream.id, HTTP2Fields(status: rejection.status), isFinal: true, hasBody: false)
    }

    func data(stream id: Int32, bytes: Span<UInt8>) {
        guard let stream = streams[id], !stream.isIncomplete else {
            // Of one that was refused.
            frames?.consume(stream: id, count: bytes.count)
            return
        }
        stream.take(bytes)
        touched.append(stream)
    }

    func end(stream id: Int32) {
        guard let stream = streams[id] else { return }
        stream.end()
        touched.append(stream)
    }

    func closed(stream id: Int32, _ error: HTTP2Error) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        front.forget(stream)
        if streams.isEmpty, !isLeaving, !isEnding { deadline = front.now + front.idleTime }
    }

    func body(stream id: Int32, into target: inout OutputRawSpan) -> HTTP2Body {
        guard let stream = streams[id] else { return .broken }
        stream.progressedAt = front.now
        let body = stream.nextBody(into: &target)
        if stream.awaitsBody { front.watch(stream, of: self) }
        return body
    }

    func burdened(by what: HTTP2Burden) {
        guard burden.add(what, at: front.now), !isEnding else { return }
        isEnding = true
        deadline = front.now + Connection.lingerTime
        frames?.terminate(.enhanceYourCalm)
        front.calmed(origin)
    }

    func answered() {
        guard isLeaving, deadline < .max else { return }
        deadline = .max
        frames?.refuseStreams()
    }
}
