import TalonPlatform

/// Asks a program that answers on a socket and ends.
struct ProgramAnswer {
    enum Answer {
        case ended(ExitStatus, [UInt8])
        /// It has been killed.
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
        let bytes = read(ours, before: MonotonicClock.now() + limit)
        guard let bytes, process.descriptor.waitUntil(1, timeoutMilliseconds: 1000), let status = process.reap() else {
            process.killAndReap()
            return .late
        }
        return .ended(status, bytes)
    }

    /// All that comes; nil if that takes too long.
    private func read(_ socket: FileDescriptor, before deadline: UInt64) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < size {
            let now = MonotonicClock.now()
            guard now < deadline else { return nil }
            let rest = Int32(truncatingIfNeeded: (deadline - now) / 1_000_000 + 1)
            guard socket.waitUntil(1, timeoutMilliseconds: rest) else { return nil }
            guard let count = try? socket.read(upTo: 4096, into: &bytes), count > 0 else { break }
        }
        return bytes
    }
}
