import TalonPlatform

/// The server's response to one stream, on its way from HTTP/1.1 to HTTP/2. The server has checked every byte of it; what
/// is no such response ends the stream.
struct StreamResponse {
    /// What came of looking for a head.
    enum Head {
        case incomplete
        /// Another one follows; RFC 9110 §15.2.
        case interim(HTTP2Fields)
        case final(HTTP2Fields, hasBody: Bool)
        case malformed
    }

    private enum Body {
        case ended
        case length(Int64)
        case chunked(ChunkedDecoder)
    }

    private var body = Body.ended
    /// Of all that is left of the body nothing is missing.
    var isComplete: Bool { if case .ended = body { true } else { false } }

    /// Bytes of a head, at most.
    static let headLimit = 1 << 20

    // MARK: Head

    /// Takes the next head from what has come. `isHead`: of the request's method.
    mutating func head(_ input: InputBuffer, isHead: Bool) -> Head {
        guard let end = input.withBytes(StreamResponse.end) else {
            return input.count < StreamResponse.headLimit ? .incomplete : .malformed
        }
        let head = input.withBytes { read($0.extracting(0..<end), isHead: isHead) }
        input.consume(end)
        return head
    }

    /// Where the empty line after the fields ends.
    private static func end(_ bytes: Span<UInt8>) -> Int? {
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index] == Byte.carriageReturn, bytes[index + 1] == Byte.lineFeed,
                bytes[index + 2] == Byte.carriageReturn, bytes[index + 3] == Byte.lineFeed
            {
                return index + 4
            }
            index += 1
        }
        return nil
    }

    private mutating func read(_ bytes: Span<UInt8>, isHead: Bool) -> Head {
        // "HTTP/1.1 200 OK"
        guard bytes.count > 12, let status = bytes.decimal(ByteRange(9, 12)), (100...999).contains(status),
            status != 101
        else { return .malformed }
        var fields = HTTP2Fields(status: Int(status))
        var framing = Framing()
        var start = StreamResponse.lineEnd(bytes, from: 0) + 2
        while start < bytes.count {
            let end = StreamResponse.lineEnd(bytes, from: start)
            guard end > start else { break }
            var colon = start
            while colon < end, bytes[colon] != Byte.colon { colon += 1 }
            guard colon > start, colon < end else { return .malformed }
            let field = HeaderField(
                name: ByteRange(start, colon), value: bytes.trimmed(colon + 1, end), isUnderscored: false)
            if framing.mayPass(field, bytes) {
                fields.append(
                    name: bytes.extracting(field.name.range), value: bytes.extracting(field.value.range))
            }
            start = end + 2
        }
        if status < 200 { return .interim(fields) }
        guard !isHead, status != 204, status != 304 else { return .final(fields, hasBody: false) }
        if framing.isChunked {
            body = .chunked(ChunkedDecoder(limits: HTTPLimits()))
        } else if let length = framing.length {
            body = length > 0 ? .length(length) : .ended
        } else {
            return .malformed
        }
        return .final(fields, hasBody: !isComplete)
    }

    private static func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != Byte.carriageReturn { end += 1 }
        return end
    }

    /// What fields say of the body's length, and of the pipe alone.
    private struct Framing {
        var length: Int64?
        var isChunked = false

        /// Whether the field is the client's, too: RFC 9113 §8.2.2.
        mutating func mayPass(_ field: HeaderField, _ bytes: Span<UInt8>) -> Bool {
            let name = field.name
            switch name.count {
            case 7 where bytes.matches(Word.upgrade, name): return false
            case 10 where bytes.matches(Word.connection, name) || bytes.matches(Word.keepAlive, name): return false
            case 14 where bytes.matches(Word.contentLength, name): length = bytes.decimal(field.value)
            case 16 where bytes.matches(Word.proxyConnection, name): return false
            case 17 where bytes.matches(Word.transferEncoding, name):
                isChunked = true
                return false
            default: break
            }
            return true
        }
    }

    // MARK: Body

    /// Moves body bytes from what has come to `target`, as many as there are and have room. False: it is no such body.
    mutating func takeBody(_ input: InputBuffer, into target: inout OutputRawSpan) -> Bool {
        switch body {
        case .ended: return true
        case .length(let left):
            let count = min(Int(clamping: left), input.count, target.freeCapacity)
            input.withBytes { target.append($0.extracting(0..<count)) }
            input.consume(count)
            body = left == Int64(count) ? .ended : .length(left - Int64(count))
            return true
        case .chunked(var decoder):
            defer { if !isComplete { body = .chunked(decoder) } }
            while input.count > 0, target.freeCapacity > 0 {
                let room = target.freeCapacity
                switch input.withBytes({ decoder.decode($0.extracting(0..<min($0.count, room))) }) {
                case .data(let range, let consumed):
                    input.withBytes { target.append($0.extracting(range)) }
                    input.consume(consumed)
                case .needsMore(let consumed): input.consume(consumed)
                case .finished(let consumed):
                    input.consume(consumed)
                    body = .ended
                    return true
                case .malformed: return false
                }
            }
            return true
        }
    }
}
