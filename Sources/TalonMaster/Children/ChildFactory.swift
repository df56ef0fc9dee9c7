import TalonPlatform
import TalonSettings

/// Describes the children of the master: which program each runs, and what it inherits.
struct ChildFactory {
    let distribution: Distribution
    let settings: ServerSettings
    let application: String
    let scoreboard: Scoreboard
    let bell: EventDescriptor
    let breakers: FileDescriptor
    let startedAt: UInt64
    let log: ErrorLog

    private enum Role: String {
        case worker
        case exporter
        case hookRunner = "hook-runner"
    }

    func worker(
        _ program: WorkerProgram, slot: Int, age: UInt64, generation: UInt64, listeners: [Listener],
        plugins: [InheritedPlugin]
    ) throws(SystemError) -> ProcessDescription {
        var inheritance = inheritance(listeners.map(\.address), plugins)
        inheritance.slot = slot
        inheritance.age = age
        inheritance.generation = generation
        let descriptors = listeners.map(\.descriptor)
        switch program {
        case .python(let interpreter):
            return try describe(
                interpreter, [interpreter, distribution.pythonHost], inheritance, descriptors,
                parentDeathSignal: .terminate)
        case .native(let path):
            inheritance.application = path
            return try describe(
                distribution.executable, Self.arguments(.worker), inheritance, descriptors,
                parentDeathSignal: .terminate)
        }
    }

    func exporter(_ listener: Listener) throws(SystemError) -> ProcessDescription {
        try describe(
            distribution.executable, Self.arguments(.exporter), inheritance([listener.address], []),
            [listener.descriptor], parentDeathSignal: .kill)
    }

    func hookRunner(_ plugin: InheritedPlugin, socket: FileDescriptor) throws(SystemError) -> ProcessDescription {
        try describe(
            distribution.executable, Self.arguments(.hookRunner), inheritance([], [plugin]), [socket],
            parentDeathSignal: .kill)
    }

    /// "talon: exporter" in a list of processes; the first word tells the program that it is a child.
    private static func arguments(_ role: Role) -> [String] { ["talon:", role.rawValue] }

    private func inheritance(_ addresses: [ListenAddress], _ plugins: [InheritedPlugin]) -> Inheritance {
        var inheritance = Inheritance(
            masterPid: ThisProcess.pid, home: distribution.home, application: application)
        inheritance.listeners = addresses
        inheritance.settings = settings.texts + [("talon.started_at", "\(startedAt)")]
        inheritance.plugins = plugins
        return inheritance
    }

    private func describe(
        _ program: String, _ arguments: [String], _ inheritance: Inheritance, _ descriptors: [FileDescriptor],
        parentDeathSignal: Signal
    ) throws(SystemError) -> ProcessDescription {
        requireOneThread()
        var environment = ThisProcess.environment()
        for (name, value) in [("SERVER_SOFTWARE", "talon/\(TalonVersion.text)")] + settings.environment {
            environment.removeAll { $0.name == name }
            environment.append((name, value))
        }
        let facts = try SealedFile.create(name: "talon-inheritance", contents: inheritance.encoded)
        return ProcessDescription(
            program: program, arguments: arguments, environment: environment,
            descriptors: [facts, scoreboard.descriptor, bell.descriptor, breakers] + descriptors, handedOver: [facts],
            parentDeathSignal: parentDeathSignal)
    }
}

extension ChildFactory {
    /// A fork copies one thread and the locks of all. The master has one thread, or something in it is wrong.
    private func requireOneThread() {
        guard let count = ThisProcess.threadCount else { return }
        log.debug("Forking; threads of the master: \(count)")
        guard count == 1 else {
            let names = ThisProcess.threadNames.joined(separator: ", ")
            log.critical("Internal error: the master has \(count) threads (\(names)); it cannot fork safely")
            fatalError("the master has \(count) threads: \(names)")
        }
    }
}
