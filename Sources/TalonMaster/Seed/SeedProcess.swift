import TalonPlatform
import TalonSettings

/// A seed: the process that has loaded the application of one generation, and forks its workers.
///
/// It forks one at a time. It is killed when it does not in time; what it says is not believed without a look, for the
/// application is in it.
final class SeedProcess {
    /// A worker that is to be forked.
    struct Request {
        let slot: Int
        let age: UInt64
    }

    let process: ChildProcess
    let generation: UInt64
    let startedAt = MonotonicClock.now()
    private let socket: MessageSocket
    private(set) var isLoaded = false
    /// Workers that are wanted, the next first.
    var waiting: [Request] = []
    /// The worker that is being forked, and the socket by which it is let go.
    private(set) var current: (request: Request, word: MessageSocket)?
    /// By when it must have answered; CLOCK_MONOTONIC, nanoseconds. nil: it owes nothing, or may take its time.
    private(set) var deadline: UInt64?
    /// It was told to abort, and did not answer by then.
    private(set) var isLate = false

    /// Forking copies the page tables of the application, and the machine may have much else to do.
    private static let forkLimit = 30 * nanosecondsPerSecond

    /// Starts it. `limit`: how long loading may take, in nanoseconds; 0 is no limit.
    init(
        generation: UInt64, limit: UInt64, describe: (FileDescriptor) throws(SystemError) -> ProcessDescription
    ) throws(SystemError) {
        let (own, others) = try MessageSocket.pair()
        defer { others.descriptor.close() }
        do {
            process = try ChildProcess.spawn(try describe(others.descriptor))
        } catch {
            own.descriptor.close()
            throw error
        }
        socket = own
        self.generation = generation
        if limit > 0 { deadline = startedAt + limit }
    }

    var pid: Int32 { process.pid }
    var descriptors: [FileDescriptor] { [process.descriptor, socket.descriptor] }

    /// What it says next; nil if nothing, now or ever. What is nonsense is passed over.
    func next() -> (message: SeedMessage, descriptor: FileDescriptor?)? {
        while let received = try? socket.receive(limit: SeedMessage.size) {
            if received.isEnd {
                // It ends; or its application has closed the socket, and it is of no use any more.
                Signal.kill.send(to: pid)
                return nil
            }
            for descriptor in received.descriptors.dropFirst() { descriptor.close() }
            if let message = SeedMessage(decoding: received.bytes) { return (message, received.descriptors.first) }
            received.descriptors.first?.close()
        }
        return nil
    }

    func loaded() {
        isLoaded = true
        deadline = nil
    }

    /// Has a worker forked with these descriptors.
    func fork(_ request: Request, _ description: ProcessDescription) throws(SystemError) {
        defer { for descriptor in description.handedOver { descriptor.close() } }
        let (ours, theirs) = try MessageSocket.pair()
        defer { theirs.descriptor.close() }
        do {
            let descriptors = [theirs.descriptor] + description.descriptors
            try socket.send(SeedMessage.fork(age: request.age).encoded, with: descriptors)
        } catch {
            ours.descriptor.close()
            throw error
        }
        current = (request, ours)
        deadline = MonotonicClock.now() + SeedProcess.forkLimit
    }

    /// The worker is there and may go on, or is not to: then it ends by itself.
    func finish(letGo: Bool) {
        if letGo { try? current?.word.send([1]) }
        current?.word.descriptor.close()
        (current, deadline) = (nil, nil)
    }

    func reopenLogs() {
        // A full socket is one of a seed that does not read; it opens the log at its start.
        try? socket.send(SeedMessage.reopenLogs.encoded)
    }

    /// It is late. First it may say where it hangs, a second later it is killed.
    func enforce(now: UInt64) {
        if !isLoaded, !isLate {
            Signal.abort.send(to: pid)
            deadline = now + nanosecondsPerSecond
        } else {
            Signal.kill.send(to: pid)
            deadline = nil
        }
        isLate = true
    }

    /// Has it end in good order: it sees that the socket is closed. A worker that is being forked ends too.
    func close() {
        finish(letGo: false)
        socket.descriptor.close()
    }
}
