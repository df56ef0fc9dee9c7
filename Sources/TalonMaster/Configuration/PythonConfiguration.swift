import TalonPlatform
package import TalonSettings

/// Reads a configuration file that is Python: in a `python3` of its own, for nothing but Talon's code runs in the master.
package enum PythonConfiguration {
    /// How long a file may take, in nanoseconds.
    package static let limit = 60 * nanosecondsPerSecond
    /// The longest answer that is read, in bytes.
    private static let answerLimit = 1 << 24

    /// What the file says. `location` is PATH, `file:PATH` or `python:MODULE`; `python` names the interpreter, as the
    /// setting does, nil finds one.
    ///
    /// Throws why there is no answer, status 1; what the file raised has gone to standard error then.
    package static func evaluate(
        _ location: String, python: String?, limit: UInt64 = limit
    ) throws(StartError) -> ConfigurationFile {
        let interpreter = try PythonInterpreter.find(named: python)
        let host = try Distribution.find().pythonHost
        let answer: (bytes: [UInt8], status: ExitStatus?)
        do {
            answer = try run([interpreter, host, "evaluate", location], before: MonotonicClock.now() + limit)
        } catch {
            throw StartError("talon: \(location): \(interpreter) cannot be started: \(error)", status: 1)
        }
        switch answer.status {
        case nil:
            throw StartError(
                "talon: \(location): executing it takes longer than \(limit / nanosecondsPerSecond) s; "
                    + "it was ended. Leave to a hook (on_starting) what may wait",
                status: 1)
        case .exited(0)?: break
        case let status?:
            let said = LogText.oneLine(String(decoding: answer.bytes.prefix(4096), as: UTF8.self))
            throw StartError("talon: \(location): \(said.isEmpty ? "its process \(status.phrase)" : said)", status: 1)
        }
        guard let file = try? ConfigurationFile(decoding: answer.bytes) else {
            throw StartError(
                "talon: \(location): its process ended before it was read to its end (os._exit, or a fork?)", status: 1)
        }
        return file
    }

    /// What the program writes to its descriptor 3, and how it ends; no status: it was ended at the deadline.
    private static func run(
        _ command: [String], before deadline: UInt64
    ) throws(SystemError) -> (bytes: [UInt8], status: ExitStatus?) {
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        let process = try ChildProcess.spawn(
            ProcessDescription(
                program: command[0], arguments: command, environment: ThisProcess.environment(),
                descriptors: [theirs], handedOver: [theirs], parentDeathSignal: .kill))
        var bytes: [UInt8] = []
        while bytes.count < answerLimit {
            let now = MonotonicClock.now()
            let rest = now < deadline ? Int32(truncatingIfNeeded: (deadline - now) / 1_000_000 + 1) : 0
            // A process that the file has left behind may hold the socket: the end of ours counts.
            let ready = PollSet.wait(for: [ours, process.descriptor], timeoutMilliseconds: rest)
            if ready.isEmpty { break }
            guard ready.contains(ours) else { return (bytes, process.reap()) }
            if try ours.read(upTo: 65536, into: &bytes) == 0 {
                let patience = deadline > now ? Int32(truncatingIfNeeded: (deadline - now) / 1_000_000) : 0
                if process.descriptor.waitUntil(1, timeoutMilliseconds: patience) { return (bytes, process.reap()) }
                break
            }
        }
        process.killAndReap()
        return (bytes, nil)
    }
}
