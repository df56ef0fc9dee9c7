import TalonPlatform

/// Asks a program that answers on a socket and ends.
struct ProgramAnswer {
    enum Answer {
        case ended(ExitStatus, [UInt8])
        /// It took too long, or said too much, and has been killed.
        case late
    }

    /// Nanoseconds.
    let limit: UInt64
    /// The longest answer that is read, in bytes.
    let size: Int
    /// What to start, given the program's end of the socket.
    let describe: (FileDescriptor) throws(SystemError) -> ProcessDescription

    func run() throws(SystemError) -> Answer {
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        let process: ChildProcess
        do {
            defer { theirs.close() }
            process = try ChildProcess.spawn(try describe(theirs))
        }
        let deadline = MonotonicClock.now() + limit
        guard let bytes = read(ours, from: process, before: deadline),
            process.descriptor.waitUntil(1, timeoutMilliseconds: ProgramAnswer.rest(deadline)),
            let status = process.reap()
        else {
            process.killAndReap()
            return .late
        }
        return .ended(status, bytes)
    }

    /// All that comes until the end of the socket, or of the process: what that has left behind may hold the socket. nil
    /// if it is too much, or takes too long.
    private func read(_ socket: FileDescriptor, from process: ChildProcess, before deadline: UInt64) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < size {
            let rest = ProgramAnswer.rest(deadline)
            let ready = PollSet.wait(for: [socket, process.descriptor], timeoutMilliseconds: rest)
            guard rest > 0, !ready.isEmpty else { return nil }
            guard ready.contains(socket), let count = try? socket.read(upTo: 65536, into: &bytes), count > 0 else {
                return bytes
            }
        }
        return nil
    }

    /// In milliseconds.
    private static func rest(_ deadline: UInt64) -> Int32 {
        let now = MonotonicClock.now()
        return now < deadline ? Int32(truncatingIfNeeded: (deadline - now) / 1_000_000 + 1) : 0
    }
}
