import TalonPlatform

/// The other side of a control socket: asks and waits for the reply.
struct ControlClient {
    /// Why there is no reply.
    enum Failure: Error {
        /// Nobody is there, or may be asked.
        case unreachable(String)
        /// The server says no.
        case refused(String)
        /// It says nothing in time.
        case late
        /// It has ended the connection.
        case ended
    }

    private let socket: FileDescriptor
    /// The longest wait for a reply, nanoseconds; nil is for ever.
    let patience: UInt64?

    /// Time for a connection: the master's loop turns at once unless it waits for a hook.
    private static let connectTime = 10 * nanosecondsPerSecond

    init(_ path: String, patience: UInt64?) throws(Failure) {
        guard let name = UnixSocketName(path) else {
            throw .unreachable("\(path.debugDescription) is no name of a socket")
        }
        do {
            socket = try name.connect(before: MonotonicClock.now() + ControlClient.connectTime)
        } catch {
            throw .unreachable("no server at the control socket \(path): \(SystemError.text(of: error.errno))")
        }
        self.patience = patience
    }

    /// The data of the reply.
    func ask(_ words: String...) throws(Failure) -> JSON { try ask(words) }

    func ask(_ words: [String]) throws(Failure) -> JSON {
        let deadline = patience.map { MonotonicClock.now() + $0 } ?? .max
        guard socket.writeAll(ControlRequest(words: words).encoded, before: deadline) else { throw .ended }
        var bytes: [UInt8] = []
        var whole = ControlFrame.headSize
        while bytes.count < whole {
            guard let count = try read(whole - bytes.count, into: &bytes, before: deadline), count > 0 else {
                throw .ended
            }
            guard whole == ControlFrame.headSize, let length = ControlFrame.length(bytes.span) else { continue }
            guard length <= ControlFrame.replyLimit else { throw .refused("a reply of \(length) bytes is no reply") }
            whole += length
        }
        do {
            return try ControlReply.data(try JSON(Array(bytes.dropFirst(ControlFrame.headSize))))
        } catch {
            throw .refused("\(error)")
        }
    }

    /// Waits until the server has ended, which ends the connection.
    func waitForEnd() throws(Failure) {
        let deadline = patience.map { MonotonicClock.now() + $0 } ?? .max
        var rest: [UInt8] = []
        while let count = try read(4096, into: &rest, before: deadline), count > 0 { rest = [] }
    }

    /// nil if the connection is broken.
    private func read(
        _ limit: Int, into bytes: inout [UInt8], before deadline: UInt64
    ) throws(Failure) -> Int? {
        while true {
            let now = MonotonicClock.now()
            guard now < deadline else { throw .late }
            let wait = min((deadline - now + 999_999) / 1_000_000, 60_000)
            guard !PollSet.wait(for: [socket], timeoutMilliseconds: Int32(wait)).isEmpty else { continue }
            do {
                return try socket.read(upTo: min(limit, 65536), into: &bytes)
            } catch {
                guard error.isTransient else { return nil }
            }
        }
    }

    func close() { socket.close() }
}
