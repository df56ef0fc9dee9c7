import TalonPlatform

/// The way of a connection's bytes: through its session if it has one, else straight to the socket.
extension Connection {
    /// Reads into the input; from a session all that it has decrypted, for of that no poller tells.
    @inline(__always)
    func receive(limit: Int) -> ReceiveOutcome {
        guard let session else { return input.receive(from: socket, limit: limit) }
        return receive(from: session, limit: limit)
    }

    private func receive(from session: SecureSession, limit: Int) -> ReceiveOutcome {
        var received = 0
        while true {
            let outcome = input.receive(from: session, limit: limit)
            guard case .received(let count) = outcome else { return received > 0 ? .received(received) : outcome }
            received += count
            guard session.hasPending, input.count < limit else { return .received(received) }
        }
    }

    func receive(into buffer: InputBuffer, limit: Int) -> ReceiveOutcome {
        guard let session else { return buffer.receive(from: socket, limit: limit) }
        return buffer.receive(from: session, limit: limit)
    }

    func receive(into target: inout OutputRawSpan, atMost limit: Int) -> ReceiveOutcome {
        guard let session else { return socket.receive(into: &target, atMost: limit) }
        return session.receive(into: &target, atMost: limit)
    }

    @inline(__always)
    func send(_ bytes: Span<UInt8>) -> SendOutcome {
        guard let session else { return socket.send(bytes) }
        return session.send(bytes)
    }

    /// Both in one system call; of a session's only the first, and the caller comes again.
    @inline(__always)
    func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> SendOutcome {
        guard let session else { return socket.send(first, second) }
        return session.send(first)
    }

    /// Sends of the response's rest what there is room for.
    func sendUnsent() -> SendOutcome {
        let bytes = unsent.bytes
        let outcome = send(bytes.span.extracting(unsent.start..<bytes.count))
        if case .sent(let count) = outcome { unsent.consume(count) }
        return outcome
    }

    func shutdownSending() {
        session?.finish()
        socket.shutdownSending()
    }
}

/// The part of a response that its client has not taken yet.
struct UnsentBytes {
    fileprivate var bytes: [UInt8] = []
    fileprivate var start = 0

    /// How many they are.
    var count: Int { bytes.count - start }

    /// True, for there is always room: who fills it is bounded by what it makes.
    mutating func append(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        bytes.reserveCapacity(bytes.count + first.count + second.count)
        bytes.append(first)
        bytes.append(second)
        return true
    }

    mutating func consume(_ count: Int) {
        start += count
        if start == bytes.count { self = UnsentBytes() }
    }
}
