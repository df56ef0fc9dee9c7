import TalonPlatform

/// Has the exporter's program check, before the server starts, that the metrics port can be protected as the settings
/// say. The master reads neither certificates nor YAML.
struct EndpointInspection {
    /// What to start, given the program's end of the socket for its answer.
    let describe: (FileDescriptor) throws(SystemError) -> ProcessDescription
    /// Nanoseconds.
    var limit = 20 * nanosecondsPerSecond

    /// The longest answer that is read.
    private static let answerLimit = 65536

    /// Returns what is wrong, or nil.
    func run() -> String? {
        do {
            let (ours, theirs) = try SocketPair.open()
            defer { ours.close() }
            let process: ChildProcess
            do {
                defer { theirs.close() }
                process = try ChildProcess.spawn(try describe(theirs))
            }
            let answer = read(ours, before: MonotonicClock.now() + limit)
            guard answer != nil, process.descriptor.waitUntil(1, timeoutMilliseconds: 1000),
                let status = process.reap()
            else {
                process.killAndReap()
                return "the check of the metrics port did not end within \(limit / nanosecondsPerSecond) s"
            }
            if status == .exited(0) { return nil }
            let text = String(decoding: answer ?? [], as: UTF8.self)
            return text.isEmpty ? "the check of the metrics port \(status.phrase); install Talon anew" : text
        } catch {
            return "the check of the metrics port cannot be started: \(error); install Talon anew"
        }
    }

    /// All that comes; nil if that takes too long.
    private func read(_ socket: FileDescriptor, before deadline: UInt64) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < EndpointInspection.answerLimit {
            let now = MonotonicClock.now()
            guard now < deadline else { return nil }
            let rest = Int32(truncatingIfNeeded: (deadline - now) / 1_000_000 + 1)
            guard socket.waitUntil(1, timeoutMilliseconds: rest) else { return nil }
            guard let count = try? socket.read(upTo: 4096, into: &bytes), count > 0 else { break }
        }
        return bytes
    }
}
