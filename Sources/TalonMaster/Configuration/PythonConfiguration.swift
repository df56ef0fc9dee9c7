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
        _ location: String, python: String?, in distribution: Distribution
    ) throws(StartError) -> ConfigurationFile {
        let interpreter = try PythonInterpreter.find(named: python)
        let program = ProgramAnswer(limit: limit, size: answerLimit) { socket throws(SystemError) in
            ProcessDescription(
                program: interpreter, arguments: [interpreter, distribution.pythonHost, "evaluate", location],
                environment: ThisProcess.environment(), descriptors: [socket], parentDeathSignal: .kill)
        }
        let answer: ProgramAnswer.Answer
        do {
            answer = try program.run()
        } catch {
            throw StartError("talon: \(location): \(interpreter) cannot be started: \(error)", status: 1)
        }
        switch answer {
        case .late:
            throw StartError(
                "talon: \(location): executing it takes longer than \(limit / nanosecondsPerSecond) s; "
                    + "it was ended. Leave to a hook (on_starting) what may wait",
                status: 1)
        case .ended(.exited(0), let bytes): return try decoded(bytes, location)
        case .ended(let status, let bytes):
            let said = LogText.oneLine(String(decoding: bytes.prefix(4096), as: UTF8.self))
            throw StartError("talon: \(location): \(said.isEmpty ? "its process \(status.phrase)" : said)", status: 1)
        }
    }

    private static func decoded(_ bytes: [UInt8], _ location: String) throws(StartError) -> ConfigurationFile {
        guard let file = try? ConfigurationFile(decoding: bytes) else {
            throw StartError(
                "talon: \(location): its process ended before it was read to its end (os._exit, or a fork?)", status: 1)
        }
        return file
    }
}
