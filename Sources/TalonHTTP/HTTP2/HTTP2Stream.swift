import TalonPlatform

/// One request of an HTTP/2 connection and its response: the client's side is a stream of frames, the server's side a
/// pipe on which HTTP/1.1 is spoken. Of the front's thread.
///
/// What the client has sent waits in `out` and `body` until the server reads it, and is bounded by the stream's window.
/// Of a response no more is read than the client can take: it waits in the pipe, and its application with it.
final class HTTP2Stream {
    let id: Int32
    private(set) var request: StreamRequest
    private var response = StreamResponse()
    /// Our end of the pipe, once the head is whole.
    private(set) var pipe: FileDescriptor?
    /// The server's end, and whether the server has it.
    var arrival: StreamArrival?
    var isIntroduced = false
    private var isHead = false
    private var isChunked = false
    /// The client has sent all.
    private var isEnded = false
    /// The server takes no more of the request.
    private var isDeaf = false
    /// Bytes for the pipe, framed.
    private let out = InputBuffer()
    /// Bytes of the body that are not framed yet, and how many of `out` are the client's.
    private let body = InputBuffer()
    private var owed = 0
    /// What the server has sent and the client not got yet.
    private let input = InputBuffer()
    /// The response's head is not here.
    private(set) var awaitsHead = true
    /// The client could take more of the response, and there is none.
    private(set) var awaitsBody = false
    /// How the poller watches the pipe.
    var isWatched = false
    /// When the head began; when a part of the response went out last.
    let begunAt: UInt64
    var progressedAt: UInt64

    /// Bytes of the body in one chunk, at most; and of the response that are read at a time.
    private static let blockSize = 16_384

    init(id: Int32, headerListSize: Int, at now: UInt64) {
        self.id = id
        request = StreamRequest(sizeLimit: headerListSize)
        begunAt = now
        progressedAt = now
    }

    /// The head is not whole yet.
    var isIncomplete: Bool { pipe == nil }
    /// The poller is to tell when the server has sent something, or takes more.
    var wantsInput: Bool { awaitsHead || awaitsBody }
    var wantsRoom: Bool { out.count > 0 && !isDeaf }
    /// Nothing but the client holds up the response.
    var isClients: Bool { pipe != nil && !wantsInput }

    func add(name: Span<UInt8>, value: Span<UInt8>) { request.add(name: name, value: value) }

    /// The head in HTTP/1.1; nil if the request is refused.
    func head(hasBody: Bool) -> [UInt8]? { request.head(hasBody: hasBody) }

    /// The head is whole and has been translated: what follows goes through the pipe.
    func open(_ pipe: FileDescriptor, head: [UInt8], hasBody: Bool) {
        self.pipe = pipe
        isHead = request.isHead
        isChunked = request.isChunked
        isEnded = !hasBody
        out.append(head.span)
    }

    // MARK: From the client

    func take(_ bytes: Span<UInt8>) { body.append(bytes) }

    func end() { isEnded = true }

    /// Writes to the pipe what it takes. Returns how many bytes of the body are out of the way with that.
    func flush() -> Int {
        guard let pipe else { return 0 }
        var done = 0
        while true {
            if out.count == 0, !isDeaf { frame() }
            guard out.count > 0 || isDeaf else { return done }
            let outcome = isDeaf ? .failed : out.withBytes { pipe.send($0) }
            switch outcome {
            case .sent(let count): out.consume(count)
            case .wouldBlock: return done
            case .failed:
                // It may have answered without the whole request, and be gone.
                isDeaf = true
                done += owed + body.count
                owed = 0
                out.consume(out.count)
                body.consume(body.count)
                return done
            }
            if out.count == 0 {
                done += owed
                owed = 0
            }
        }
    }

    /// Puts the next part of the body into `out`.
    private func frame() {
        let count = min(body.count, HTTP2Stream.blockSize)
        if count > 0 {
            if isChunked { append { ChunkEncoder.header(size: count, into: &$0) } }
            body.withBytes { out.append($0.extracting(0..<count)) }
            if isChunked { append { ChunkEncoder.ending(into: &$0) } }
            body.consume(count)
            owed = count
        }
        if isEnded, isChunked, body.count == 0 {
            isChunked = false
            append { ChunkEncoder.last(into: &$0) }
        }
    }

    private func append(_ write: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        write(&bytes)
        out.append(bytes.span)
    }

    // MARK: From the server

    /// Looks for the response's next head; `.malformed` also if the server is gone.
    func nextHead() -> StreamResponse.Head {
        guard let pipe else { return .incomplete }
        while true {
            switch response.head(input, isHead: isHead) {
            case .incomplete: break
            case .final(let fields, let hasBody):
                awaitsHead = false
                return .final(fields, hasBody: hasBody)
            case let other: return other
            }
            switch input.receive(from: pipe, limit: StreamResponse.headLimit) {
            case .received: continue
            case .wouldBlock: return .incomplete
            case .ended, .failed: return .malformed
            }
        }
    }

    /// The next part of the response's body.
    func nextBody(into target: inout OutputRawSpan) -> HTTP2Body {
        guard let pipe else { return .broken }
        awaitsBody = false
        let room = target.freeCapacity
        while true {
            guard response.takeBody(input, into: &target) else { return .broken }
            if response.isComplete { return .bytes(isLast: true) }
            if target.freeCapacity == 0 { return .bytes(isLast: false) }
            let outcome = input.receive(from: pipe, limit: HTTP2Stream.blockSize)
            if case .received = outcome { continue }
            // What is missing, the next call finds out.
            if target.freeCapacity < room { return .bytes(isLast: false) }
            guard case .wouldBlock = outcome else { return .broken }
            awaitsBody = true
            return .nothingYet
        }
    }

    /// The server sees a client that has left.
    func close() {
        pipe?.close()
        pipe = nil
    }
}
