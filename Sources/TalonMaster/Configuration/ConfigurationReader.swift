import TalonPlatform
package import TalonSettings

/// Reads the configuration file, by another program: the master parses neither YAML nor Python.
package struct ConfigurationReader: Sendable {
    private let distribution: Distribution
    /// Nanoseconds.
    private static let limit = 20 * nanosecondsPerSecond
    private static let answerLimit = 4 << 20

    package init(_ distribution: Distribution) {
        self.distribution = distribution
    }

    /// What the file says; `python` names the interpreter, if a setting does. Throws a sentence, for a start that fails
    /// or a reload that is refused.
    package func read(_ location: ConfigurationLocation, python: String?) throws(StartError) -> ConfigurationFile {
        switch location {
        case .yaml(let path): try readYAML(path)
        case .python, .module: try PythonConfiguration.evaluate(location.description, python: python, in: distribution)
        }
    }

    private func readYAML(_ path: String) throws(StartError) -> ConfigurationFile {
        func failure(_ reason: String) -> StartError { StartError("talon: \(reason)", status: 1) }
        let program = ProgramAnswer(limit: ConfigurationReader.limit, size: ConfigurationReader.answerLimit) {
            [distribution] socket throws(SystemError) in
            ProcessDescription(
                program: distribution.pluginTool, arguments: ["talon:", "configuration-reader", path],
                environment: ThisProcess.environment(), descriptors: [socket], parentDeathSignal: .kill)
        }
        let answer: ProgramAnswer.Answer
        do {
            answer = try program.run()
        } catch {
            throw failure("\(path): the program that reads it cannot be started: \(error); install Talon anew")
        }
        switch answer {
        case .late:
            throw failure("\(path): was not read within \(ConfigurationReader.limit / nanosecondsPerSecond) s")
        case .ended(.exited(0), let bytes):
            guard let file = try? ConfigurationFile(decoding: bytes) else {
                throw failure("\(path): the program that reads it answered nonsense; install Talon anew")
            }
            return file
        case .ended(let status, let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            throw failure(text.isEmpty ? "\(path): the program that reads it \(status.phrase)" : text)
        }
    }
}
