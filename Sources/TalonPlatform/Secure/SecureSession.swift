package import CTalonPlatform

/// The encryption of one connection: the server's end of a TLS session, whose library is behind a table of functions.
///
/// One thread at a time, as the connection. No call waits if the socket is non-blocking.
package final class SecureSession: @unchecked Sendable {
    // Unchecked: it passes between threads together with its connection.
    private let table: UnsafeMutablePointer<talon_secure>

    /// Takes the session over.
    package init(owning table: UnsafeMutablePointer<talon_secure>) {
        self.table = table
    }

    deinit {
        table.pointee.destroy(table)
    }

    /// What came of an attempt to agree on keys.
    package enum HandshakeOutcome: Equatable, Sendable {
        case complete
        case wantsInput
        case wantsOutput
        /// The client speaks HTTP in clear.
        case clearText
        /// In the words of the library.
        case failed(reason: String)
    }

    package func handshake() -> HandshakeOutcome {
        switch table.pointee.handshake(table) {
        case TALON_SECURE_DONE: .complete
        case TALON_SECURE_WANTS_INPUT: .wantsInput
        case TALON_SECURE_WANTS_OUTPUT: .wantsOutput
        case TALON_SECURE_CLEAR_TEXT: .clearText
        default: .failed(reason: table.pointee.problem(table).map { String(cString: $0) } ?? "")
        }
    }

    /// Whether bytes wait here of which the socket does not tell.
    package var hasPending: Bool { table.pointee.pending(table) > 0 }

    /// HTTP/2 was agreed on (RFC 9113 §3.2). After the handshake.
    package var speaksHTTP2: Bool { table.pointee.speaks_http_2(table) != 0 }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReceiveOutcome {
        let count = table.pointee.receive(table, buffer.baseAddress, buffer.count)
        switch Int32(truncatingIfNeeded: min(count, 1)) {
        case 1: return .received(count)
        case 0: return .ended
        case TALON_SECURE_WANTS_INPUT, TALON_SECURE_WANTS_OUTPUT: return .wouldBlock
        default: return .failed
        }
    }

    /// At most so many bytes, behind what `target` holds.
    package func receive(into target: inout OutputRawSpan, atMost limit: Int) -> ReceiveOutcome {
        target.withUnsafeMutableBytes { buffer, initialized in
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[initialized...].prefix(limit))
            let outcome = receive(into: room)
            if case .received(let count) = outcome { initialized += count }
            return outcome
        }
    }

    /// After `wouldBlock` the next bytes must begin with the same.
    package func send(_ bytes: Span<UInt8>) -> SendOutcome {
        let count = bytes.withUnsafeBytes { table.pointee.send(table, $0.baseAddress, $0.count) }
        if count >= 0 { return .sent(count) }
        switch Int32(truncatingIfNeeded: count) {
        case TALON_SECURE_WANTS_INPUT, TALON_SECURE_WANTS_OUTPUT: return .wouldBlock
        default: return .failed
        }
    }

    /// Tells the other side that nothing more comes; RFC 8446 §6.1.
    package func finish() {
        table.pointee.finish(table)
    }
}
