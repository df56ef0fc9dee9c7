/// Decodes a chunked body as it arrives (RFC 9112 §7.1), without copying: data is reported as a range of the input.
///
/// The decoder keeps numbers only, never bytes, so a caller may drop what was consumed at once. Everything that is not
/// data is bounded: the size has at most 16 digits, extensions and trailers have limits for the whole body.
package struct ChunkedDecoder: Sendable {
    /// What one call came to.
    ///
    /// `consumed` counts from the start of the input of that call.
    package enum Step: Equatable, Sendable {
        /// Body bytes: `range` of the input.
        ///
        /// Call again with what follows `consumed`.
        case data(range: Range<Int>, consumed: Int)
        /// All of the input is consumed, and the body has not ended.
        case needsMore(consumed: Int)
        /// The body has ended, trailers included; what follows `consumed` is the next request.
        case finished(consumed: Int)
        /// The stream is broken: no more body, no more requests.
        case malformed(Rejection)
    }

    enum Phase: Equatable {
        case size, line, lineFeed, data, dataReturn, dataFeed, trailers, finished
        case broken(Rejection)
    }

    /// Bytes of extensions accepted in one body: they carry nothing, and a peer could send nothing else.
    private static let mostExtensionBytes = 4096

    private var phase = Phase.size
    private var digits = 0
    /// The size that is being read, then the data bytes still to come.
    private var remaining: UInt64 = 0
    private var extensionBytes = 0
    private var chunkExtension = ChunkExtension()
    private var trailers: TrailerSection

    /// A decoder at the start of a body, with the limits of the head for the trailers.
    package init(limits: HTTPLimits) {
        trailers = TrailerSection(limits)
    }

    /// Goes on with more of the body.
    ///
    /// After `.finished` and `.malformed` further calls give the same again.
    package mutating func decode(_ input: Span<UInt8>) -> Step {
        var index = 0
        while true {
            switch phase {
            case .finished: return .finished(consumed: index)
            case .broken(let rejection): return .malformed(rejection)
            case .data where index < input.count:
                let length = Int(min(remaining, UInt64(input.count - index)))
                remaining -= UInt64(length)
                if remaining == 0 { phase = .dataReturn }
                return .data(range: index..<index + length, consumed: index + length)
            default:
                guard index < input.count else { return .needsMore(consumed: index) }
                if let rejection = take(input[index]) { phase = .broken(rejection) }
                index += 1
            }
        }
    }

    /// One byte that is not data.
    private mutating func take(_ byte: UInt8) -> Rejection? {
        switch phase {
        case .size: return takeSize(byte)
        case .line: return takeExtension(byte)
        case .lineFeed:
            guard byte == Byte.lineFeed else { return .chunkSize }
            phase = remaining == 0 ? .trailers : .data
            digits = 0
        case .dataReturn:
            guard byte == Byte.carriageReturn else { return .chunkEnding }
            phase = .dataFeed
        case .dataFeed:
            guard byte == Byte.lineFeed else { return .chunkEnding }
            phase = .size
        case .trailers:
            switch trailers.take(byte) {
            case .more: break
            case .ended: phase = .finished
            case .rejected(let rejection): return rejection
            }
        case .data, .finished, .broken: break
        }
        return nil
    }

    /// `1*HEXDIG`: no sign, no prefix, no white space before (RFC 9112 §7.1).
    private mutating func takeSize(_ byte: UInt8) -> Rejection? {
        if let value = Byte.hexValue(byte) {
            // The largest size fits an Int64: a reader with signed sizes must not see a negative one.
            guard digits < 16, remaining <= UInt64(Int64.max) >> 4 else { return .chunkSize }
            remaining = remaining << 4 | UInt64(value)
            digits += 1
            return nil
        }
        guard digits > 0 else { return .chunkSize }
        switch byte {
        case Byte.carriageReturn: phase = .lineFeed
        case Byte.semicolon, Byte.space, Byte.tab:
            phase = .line
            chunkExtension = ChunkExtension()
            return takeExtension(byte)
        default: return .chunkSize
        }
        return nil
    }

    private mutating func takeExtension(_ byte: UInt8) -> Rejection? {
        if byte == Byte.carriageReturn {
            guard chunkExtension.mayEnd else { return .chunkExtension }
            phase = .lineFeed
            return nil
        }
        extensionBytes += 1
        if extensionBytes > Self.mostExtensionBytes { return .chunkExtensionTooLong }
        return chunkExtension.take(byte) ? nil : .chunkExtension
    }
}
