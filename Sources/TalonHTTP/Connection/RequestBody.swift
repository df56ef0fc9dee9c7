import TalonPlatform

/// The body of the request that runs: first what the loop has read already, then the socket itself.
///
/// Reading waits on the socket, so a client that sends slowly is slowed down by nothing but itself, and a client that
/// sends fast is slowed down by the application: no byte is read before it is asked for.
struct RequestBody {
    enum Failure: Error, Equatable {
        /// The client broke off.
        case disconnected
        /// Nothing came for too long.
        case stalled
        case malformed(Rejection)
        /// Nothing is here yet, and the application waits in its own way; reading can go on.
        case notYet
    }

    private enum State {
        /// Bytes still to come.
        case length(Int64)
        case chunked
        /// Whatever comes, until the client ends: the connection speaks another protocol now.
        case raw
        case ended
        case broken(Failure)
    }

    private var state: State
    /// Where unread bytes of the connection's input begin. The head before them must stay where it is.
    private var offset: Int
    /// Of a chunked body only: most requests have none, and pay for no more than a reference that is not there.
    private var chunks: Chunks?
    private var mustAskToContinue: Bool
    /// Body bytes handed out.
    private(set) var byteCount: Int64 = 0

    private static let rawLimit = 65536

    private final class Chunks {
        var decoder: ChunkedDecoder
        /// Not decoded yet. What is left of it at the end belongs to the next request.
        let raw = InputBuffer()

        init(_ limits: HTTPLimits) { decoder = ChunkedDecoder(limits: limits) }
    }

    init(_ connection: Connection, limits: HTTPLimits) {
        offset = connection.head.byteCount
        mustAskToContinue = connection.head.expectsContinue
        switch connection.head.framing {
        case .none: state = .ended
        case .length(let length): state = length == 0 ? .ended : .length(length)
        case .chunked:
            state = .chunked
            let from = offset
            let chunks = Chunks(limits)
            self.chunks = chunks
            connection.input.withBytes { chunks.raw.append($0.extracting(from..<$0.count)) }
            offset = connection.input.count
        }
    }

    /// Why reading ended early; nil if it did not.
    var failure: Failure? {
        if case .broken(let failure) = state { failure } else { nil }
    }

    /// What the application leaves of it lies in memory, so the connection can be used again.
    func canBeSkipped(_ connection: Connection) -> Bool {
        switch state {
        case .ended: true
        case .broken, .chunked, .raw: false
        case .length(let left): left <= Int64(connection.input.count - offset)
        }
    }

    /// Bytes have come that are not this request's. To be asked when the body can be skipped.
    func hasRest(_ connection: Connection) -> Bool {
        if let raw = chunks?.raw, raw.count > 0 { return true }
        if case .length(let left) = state { return Int(left) < connection.input.count - offset }
        return offset < connection.input.count
    }

    /// Ends the request: what belongs to it leaves the input, what comes after it stays.
    mutating func finish(_ connection: Connection) {
        if case .length(let left) = state { offset += Int(min(left, Int64(connection.input.count - offset))) }
        connection.input.consume(min(offset, connection.input.count))
        if let raw = chunks?.raw, raw.count > 0 { raw.withBytes { connection.input.append($0) } }
    }

    /// What follows the request is no HTTP any more.
    mutating func becomeRaw() { state = .raw }

    /// Reads some bytes, at least one; 0 at the end. `waiting` waits for input.
    mutating func read(
        into target: inout OutputRawSpan, from connection: Connection, waiting: () -> ExchangeWait
    ) throws(Failure) -> Int {
        guard target.freeCapacity > 0 else { return 0 }
        while true {
            let count: Int
            switch state {
            case .ended: return 0
            case .broken(let failure): throw failure
            case .length(let left): count = try readPlain(&target, left, connection, waiting)
            case .chunked: count = try readChunked(&target, connection, waiting)
            case .raw: count = try readRaw(&target, connection, waiting)
            }
            if count > 0 {
                byteCount += Int64(count)
                return count
            }
        }
    }

    private mutating func readPlain(
        _ target: inout OutputRawSpan, _ left: Int64, _ connection: Connection, _ waiting: () -> ExchangeWait
    ) throws(Failure) -> Int {
        let wanted = Int(min(left, Int64(target.freeCapacity)))
        let count = takeBuffered(&target, atMost: wanted, connection)
        if count > 0 {
            take(count, of: left)
            return count
        }
        try askToContinue(connection)
        let outcome = connection.receive(into: &target, atMost: wanted)
        let received = try judge(outcome, waiting)
        connection.traffic.received += Int64(received)
        take(received, of: left)
        return received
    }

    /// What the loop has read already.
    private mutating func takeBuffered(
        _ target: inout OutputRawSpan, atMost limit: Int, _ connection: Connection
    ) -> Int {
        let count = min(limit, connection.input.count - offset)
        guard count > 0 else { return 0 }
        let from = offset
        connection.input.withBytes { target.append($0.extracting(from..<from + count)) }
        offset += count
        return count
    }

    private mutating func readRaw(
        _ target: inout OutputRawSpan, _ connection: Connection, _ waiting: () -> ExchangeWait
    ) throws(Failure) -> Int {
        let wanted = target.freeCapacity
        let count = takeBuffered(&target, atMost: wanted, connection)
        if count > 0 { return count }
        let outcome = connection.receive(into: &target, atMost: wanted)
        if case .ended = outcome {
            state = .ended
            return 0
        }
        let received = try judge(outcome, waiting)
        connection.traffic.received += Int64(received)
        return received
    }

    private mutating func take(_ count: Int, of left: Int64) {
        state = left == Int64(count) ? .ended : .length(left - Int64(count))
    }

    private mutating func readChunked(
        _ target: inout OutputRawSpan, _ connection: Connection, _ waiting: () -> ExchangeWait
    ) throws(Failure) -> Int {
        guard let chunks else { throw fail(.malformed(.coding)) }
        let raw = chunks.raw
        var written = 0
        while raw.count > 0, target.freeCapacity > 0 {
            let room = target.freeCapacity
            switch raw.withBytes({ chunks.decoder.decode($0.extracting(0..<min($0.count, room))) }) {
            case .data(let range, let consumed):
                raw.withBytes { target.append($0.extracting(range)) }
                written += range.count
                raw.consume(consumed)
            case .needsMore(let consumed):
                raw.consume(consumed)
            case .finished(let consumed):
                raw.consume(consumed)
                state = .ended
                return written
            case .malformed(let rejection):
                throw fail(.malformed(rejection))
            }
        }
        if written == 0 {
            try askToContinue(connection)
            let outcome = connection.receive(into: raw, limit: RequestBody.rawLimit)
            connection.traffic.received += Int64(try judge(outcome, waiting))
        }
        return written
    }

    /// Bytes received, or 0 after a wait.
    private mutating func judge(_ outcome: ReceiveOutcome, _ waiting: () -> ExchangeWait) throws(Failure) -> Int {
        switch outcome {
        case .received(let count): return count
        case .ended, .failed: throw fail(.disconnected)
        case .wouldBlock:
            switch waiting() {
            case .ready: return 0
            case .tooLate: throw fail(.stalled)
            case .notHere: throw .notYet
            }
        }
    }

    /// The final response has begun, and with it the chance to ask is gone.
    mutating func forgetExpectation() {
        mustAskToContinue = false
    }

    /// Only once the application wants the body; RFC 9110 §10.1.1.
    private mutating func askToContinue(_ connection: Connection) throws(Failure) {
        guard mustAskToContinue else { return }
        mustAskToContinue = false
        // A part of it would be the beginning of the response.
        guard case .sent(RequestBody.goOn.count) = connection.send(RequestBody.goOn.span) else {
            throw fail(.disconnected)
        }
        connection.traffic.sent += Int64(RequestBody.goOn.count)
    }

    private mutating func fail(_ failure: Failure) -> Failure {
        state = .broken(failure)
        return failure
    }

    private static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
