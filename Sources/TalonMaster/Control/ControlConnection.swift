import TalonControl
import TalonPlatform

/// A client of a control socket: one request at a time, and the next is not read before its reply is out.
///
/// So what a client can make the master keep is one request and one reply.
final class ControlConnection {
    enum Phase {
        /// For the rest of a request.
        case reading
        /// For what was asked to be done.
        case waiting(id: JSON)
        /// For room to write the rest of a reply.
        case writing
        /// It is over.
        case closed
    }

    let descriptor: FileDescriptor
    private(set) var phase = Phase.reading
    /// When it is given up; CLOCK_MONOTONIC, nanoseconds.
    private(set) var deadline: UInt64
    private let input = InputBuffer()
    private var output: [UInt8] = []
    private var isLastReply = false

    /// Without a whole request.
    private static let idleLimit = 300 * nanosecondsPerSecond
    /// For a reply that the client does not take.
    private static let replyLimit = 30 * nanosecondsPerSecond

    init(_ descriptor: FileDescriptor, now: UInt64) {
        self.descriptor = descriptor
        deadline = now + ControlConnection.idleLimit
    }

    /// What its socket is to be watched for.
    var interest: PollSet.Interest {
        switch phase {
        case .reading: .input
        case .writing: .room
        case .waiting, .closed: .end
        }
    }

    var isReading: Bool {
        if case .reading = phase { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Whether the next request is here already: no event of the socket tells of it.
    var hasRequest: Bool { isReading && requestLength.map { input.count >= $0 } ?? false }

    /// Bytes of the request that begins the input, its head included; nil while that is not whole.
    private var requestLength: Int? {
        guard let length = input.withBytes({ ControlFrame.length($0) }) else { return nil }
        // One that is too long is refused by its head.
        return ControlFrame.headSize + (length > ControlFrame.requestLimit ? 0 : length)
    }

    /// The socket has what it was watched for: reads or writes, once.
    func ready(now: UInt64) {
        switch phase {
        case .reading:
            switch input.receive(from: descriptor, limit: ControlFrame.headSize + ControlFrame.requestLimit) {
            case .received, .wouldBlock: break
            case .ended, .failed: close()
            }
        case .writing: flush(now)
        case .waiting: close()
        case .closed: break
        }
    }

    /// Takes the request that is here; nil if it is none, and then its sender has been told so.
    func takeRequest(now: UInt64) -> ControlRequest? {
        guard let length = requestLength else { return nil }
        guard length > ControlFrame.headSize else {
            // What follows cannot be told from the next request.
            isLastReply = true
            reply(
                ControlReply.encode(ControlProblem("a request has 1 to \(ControlFrame.requestLimit) bytes"), to: .null),
                now)
            return nil
        }
        let bytes = input.withBytes { all in (ControlFrame.headSize..<length).map { all[$0] } }
        input.consume(length)
        input.releaseIfEmpty()
        do throws(JSONError) {
            let value = try JSON(bytes)
            do throws(ControlProblem) {
                return try ControlRequest(value)
            } catch {
                reply(ControlReply.encode(error, to: value["id"] ?? .null), now)
            }
        } catch {
            reply(ControlReply.encode(ControlProblem(error.description), to: .null), now)
        }
        return nil
    }

    /// Sends what the socket takes, and keeps the rest.
    func reply(_ bytes: [UInt8], _ now: UInt64) {
        guard !isClosed else { return }
        output = bytes
        phase = .writing
        deadline = now + ControlConnection.replyLimit
        flush(now)
    }

    /// The reply comes later.
    func wait(id: JSON) {
        phase = .waiting(id: id)
        deadline = .max
    }

    /// What was waited for.
    func finish(_ data: JSON) {
        guard case .waiting(let id) = phase else { return }
        reply(ControlReply.encode(data, to: id), MonotonicClock.now())
    }

    private func flush(_ now: UInt64) {
        var rest = output
        output = []
        while !rest.isEmpty {
            let outcome = descriptor.send(rest.span)
            switch outcome {
            case .sent(let count): rest.removeFirst(count)
            case .wouldBlock:
                output = rest
                return
            case .failed: return close()
            }
        }
        guard !isLastReply else { return close() }
        phase = .reading
        deadline = now + ControlConnection.idleLimit
    }

    func close() {
        guard !isClosed else { return }
        phase = .closed
        descriptor.close()
    }
}
