import TalonPlatform
import TalonSettings

/// What the master and a hook runner say to each other: a length, a kind, a payload.
enum HookFrame: Equatable {
    // From the runner.
    case hello(id: String, version: String)
    case refused(reason: String)
    case log(level: Int32, message: String)
    case request(HostRequest)
    case result(status: Int32)
    // From the master.
    case call(point: UInt32, deadline: UInt64, facts: HookFacts)
    case answer(status: Int32)

    /// A longer frame is a runner gone wrong.
    static let limit = 1 << 20

    var encoded: [UInt8] {
        var payload = ByteWriter()
        switch self {
        case .hello(let id, let version):
            payload.put(UInt32(1))
            payload.put(id)
            payload.put(version)
        case .refused(let reason):
            payload.put(UInt32(2))
            payload.put(reason)
        case .log(let level, let message):
            payload.put(UInt32(3))
            payload.put(UInt32(bitPattern: level))
            payload.put(message)
        case .request(let request):
            payload.put(UInt32(4))
            payload.put(request.kind)
            payload.put(request.name)
            payload.put(request.value)
        case .result(let status):
            payload.put(UInt32(5))
            payload.put(UInt32(bitPattern: status))
        case .call(let point, let deadline, let facts):
            payload.put(UInt32(6))
            payload.put(point)
            payload.put(deadline)
            facts.encode(into: &payload)
        case .answer(let status):
            payload.put(UInt32(7))
            payload.put(UInt32(bitPattern: status))
        }
        var frame = ByteWriter()
        frame.put(UInt32(payload.bytes.count))
        return frame.bytes + payload.bytes
    }

    init(decoding payload: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(payload)
        switch try reader.number32() {
        case 1: self = .hello(id: try reader.text(), version: try reader.text())
        case 2: self = .refused(reason: try reader.text())
        case 3: self = .log(level: Int32(bitPattern: try reader.number32()), message: try reader.text())
        case 4:
            self = .request(
                HostRequest(kind: try reader.number32(), name: try reader.text(), value: try reader.text()))
        case 5: self = .result(status: Int32(bitPattern: try reader.number32()))
        case 6:
            self = .call(
                point: try reader.number32(), deadline: try reader.number64(),
                facts: try HookFacts(decoding: &reader))
        case 7: self = .answer(status: Int32(bitPattern: try reader.number32()))
        default: throw ByteReader.Truncated()
        }
    }
}

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
            if let frame = try buffered() { return frame }
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
        if let frame = try buffered() { return frame }
        guard socket.waitUntil(1, timeoutMilliseconds: 0) else { return nil }
        try fill()
        return try buffered()
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

    private mutating func buffered() throws(Failure) -> HookFrame? {
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
}
