import TalonPlatform
package import TalonSettings

/// Has the exporter's program check that a port can be protected as the settings say. The master reads neither
/// certificates nor YAML.
package struct ProtectionInspection {
    /// Which port.
    enum Subject: String {
        case metricsPort = "the metrics port"
        case sockets = "certfile and keyfile"

        fileprivate var word: String {
            switch self {
            case .metricsPort: Inheritance.endpointCheck
            case .sockets: Inheritance.socketCheck
            }
        }
    }

    let subject: Subject
    /// Nanoseconds.
    var limit = 20 * nanosecondsPerSecond
    /// What to start, given the program's end of the socket for its answer.
    let describe: (FileDescriptor) throws(SystemError) -> ProcessDescription

    /// The longest answer that is read.
    private static let answerLimit = 65536

    /// Returns what is wrong, or nil.
    func run() -> String? {
        let check = "the check of \(subject.rawValue)"
        do throws(SystemError) {
            let program = ProgramAnswer(limit: limit, size: ProtectionInspection.answerLimit, describe: describe)
            switch try program.run() {
            case .ended(.exited(0), _): return nil
            case .late: return "\(check) did not end within \(limit / nanosecondsPerSecond) s"
            case .ended(let status, let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                return text.isEmpty ? "\(check) \(status.phrase); install Talon anew" : text
            }
        } catch {
            return "\(check) cannot be started: \(error); install Talon anew"
        }
    }

    /// The program: the settings are its descriptor 3, the socket for the answer 4.
    static func description(
        _ subject: Subject, of distribution: Distribution, _ inheritance: Inheritance, socket: FileDescriptor
    ) throws(SystemError) -> ProcessDescription {
        let facts = try SealedFile.create(name: "talon-inheritance", contents: inheritance.encoded)
        return ProcessDescription(
            program: distribution.exporter, arguments: ["talon:", subject.word],
            environment: ThisProcess.environment(), descriptors: [facts, socket], handedOver: [facts],
            parentDeathSignal: .kill)
    }

    /// What is wrong with the files of the sockets, for a server that is not to be started; nil if nothing is.
    package static func problem(ofSockets settings: ServerSettings) throws(StartError) -> String? {
        guard settings.isSecure else { return nil }
        let distribution = try Distribution.find()
        var inheritance = Inheritance(masterPid: ThisProcess.pid, home: distribution.home, application: "")
        inheritance.settings = settings.texts
        return ProtectionInspection(subject: .sockets) { [inheritance] socket throws(SystemError) in
            try description(.sockets, of: distribution, inheritance, socket: socket)
        }.run()
    }
}

extension Master {
    /// Before anything is bound: a server that was to be protected is not to run without.
    func checkEndpoint() throws(StartError) {
        guard settings.metricsEnabled, settings.protectsMetrics else { return }
        if let problem = inspect(.metricsPort) { throw StartError("talon: \(problem)", status: 1) }
    }

    /// Before anything is bound, too.
    func checkSockets() throws(StartError) {
        if let problem = socketProblem() { throw StartError("talon: \(problem)", status: 1) }
    }

    /// Why the sockets cannot be encrypted as the settings say; nil if they can, or are not to be.
    func socketProblem() -> String? { settings.isSecure ? inspect(.sockets) : nil }

    private func inspect(_ subject: ProtectionInspection.Subject) -> String? {
        ProtectionInspection(subject: subject) { [children] socket throws(SystemError) in
            try children.protectionCheck(subject, socket: socket)
        }.run()
    }

    /// The listeners as the log shows them.
    var listenerNames: [String] { listeners.map { $0.address.description(isSecure: settings.isSecure) } }
}
