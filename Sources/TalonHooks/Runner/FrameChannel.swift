import TalonPlatform

/// Frames over a socket; both sides have one.
struct FrameChannel {
    enum Failure: Error {
        /// The other side has closed its end.
        case closed
        /// What came is no frame.
        case malformed
        /// The deadline is over.
        case late
    }

    let socket: FileDescriptor
    private var received: [UInt8] = []

    init(socket: FileDescriptor) {
        self.socket = socket
    }

    /// False if the other side is gone, or has not read by `deadline` (CLOCK_MONOTONIC, nanoseconds).
    func send(_ frame: HookFrame, before deadline: UInt64) -> Bool {
        socket.writeAll(frame.encoded, before: deadline)
    }

    /// The next frame, waiting until `deadline` (CLOCK_MONOTONIC, nanoseconds; nil: for ever).
    mutating func receive(before deadline: UInt64?) throws(Failure) -> HookFrame {
        while true {
            if let frame = try next() { return frame }
            var wait: Int32 = -1
            if let deadline {
                let now = MonotonicClock.now()
                guard now < deadline else { throw .late }
                wait = Int32(truncatingIfNeeded: (deadline - now) / 1_000_000 + 1)
            }
            guard socket.waitUntil(1, timeoutMilliseconds: wait) else { throw .late }
            try fill()
        }
    }

    /// A frame that is already here, without waiting.
    mutating func poll() throws(Failure) -> HookFrame? {
        if let frame = try next() { return frame }
        guard try fillIfReadable() else { return nil }
        return try next()
    }

    /// Takes in what has arrived, once. False if that is nothing.
    mutating func fillIfReadable() throws(Failure) -> Bool {
        guard socket.waitUntil(1, timeoutMilliseconds: 0) else { return false }
        try fill()
        return true
    }

    /// The next frame of what was taken in.
    mutating func next() throws(Failure) -> HookFrame? {
        guard received.count >= 4 else { return nil }
        let size = received.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        guard size <= HookFrame.limit else { throw .malformed }
        guard received.count >= 4 + size else { return nil }
        let payload = Array(received[4..<(4 + size)])
        received.removeFirst(4 + size)
        do {
            return try HookFrame(decoding: payload)
        } catch {
            throw .malformed
        }
    }

    private mutating func fill() throws(Failure) {
        do {
            guard try socket.read(upTo: 65536, into: &received) > 0 else { throw Failure.closed }
        } catch let error as SystemError where error.isTransient {
            return
        } catch {
            throw .closed
        }
    }
}
