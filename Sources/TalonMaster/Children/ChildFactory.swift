import TalonHooks
import TalonPlatform
import TalonSettings

/// Describes the children of the master: which program each runs, and what it inherits.
final class ChildFactory {
    let distribution: Distribution
    /// Of the children that are started from now on.
    var settings: ServerSettings
    let application: String
    let scoreboard: Scoreboard
    let bell: EventDescriptor
    let breakers: FileDescriptor
    let startedAt: UInt64
    /// Where talon was started.
    let directory: String
    let log: ErrorLog
    /// Whom workers and exporter run as; nil: as the master.
    let identity: ProcessIdentity?
    /// Each worker gets listeners of its own: see ``Master/withWorkerListeners(_:)``.
    var givesOwnListeners = false
    /// Where the server is bound, once it is: what an exporter calls it by.
    var place: String?
    /// Where workers tell which files the application is made of; nil without `reload`.
    let notes: FileDescriptor?
    /// The interpreter for hooks in Python; nil if there are none.
    let python: String?
    /// What plugins may set in all, in bytes: an environment that is too large is one with which nothing starts.
    private static let variableLimit = 1 << 17
    /// Set for the workers by plugins, in order.
    private var variables: [(name: String, value: String)] = []

    init(
        distribution: Distribution, settings: ServerSettings, application: String, scoreboard: Scoreboard,
        bell: EventDescriptor, breakers: FileDescriptor, startedAt: UInt64, directory: String, log: ErrorLog,
        identity: ProcessIdentity?, notes: FileDescriptor?, python: String?
    ) {
        self.distribution = distribution
        self.settings = settings
        self.application = application
        self.scoreboard = scoreboard
        self.bell = bell
        self.breakers = breakers
        self.startedAt = startedAt
        self.directory = directory
        self.log = log
        self.identity = identity
        self.notes = notes
        self.python = python
    }

    /// Sets an environment variable for the workers that are started from now on. False if it is too much.
    func set(_ name: String, _ value: String) -> Bool {
        let others = variables.filter { $0.name != name }
        let size = others.reduce(name.utf8.count + value.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size <= ChildFactory.variableLimit else { return false }
        variables = others + [(name, value)]
        return true
    }

    private enum Role: String {
        case worker
        case exporter
        case hookRunner = "hook-runner"
    }

    func worker(
        _ program: WorkerProgram, slot: Int, age: UInt64, generation: UInt64, listeners: [Listener],
        plugins: PluginSet, checksOnly: Bool = false
    ) throws(SystemError) -> ProcessDescription {
        var (inheritance, others) = inheritance(listeners, plugins)
        if checksOnly { inheritance.settings = Inheritance.checkSettings + inheritance.settings }
        inheritance.slot = slot
        inheritance.age = age
        inheritance.generation = generation
        // The environment of one that is forked from a seed is as old as the seed.
        if settings.preloads { inheritance.environment = variables }
        let descriptors = (listeners.isEmpty ? [bell.descriptor] : listeners.map(\.descriptor)) + others
        var description: ProcessDescription
        switch program {
        case .python(let interpreter):
            description = try describe(
                interpreter, [interpreter, distribution.pythonHost], inheritance, descriptors,
                parentDeathSignal: .terminate)
        case .native(let path):
            inheritance.application = path
            description = try describe(
                distribution.executable, Self.arguments(.worker), inheritance, descriptors,
                parentDeathSignal: .terminate)
        }
        for (name, value) in variables { description.setEnvironment(name, value) }
        description.leave(to: identity)
        return description
    }

    /// A seed is told what its workers are. Where they have descriptors it has anything, so that nothing of the
    /// application's comes to be there.
    func seed(
        _ interpreter: String, generation: UInt64, listeners: [Listener], plugins: PluginSet, socket: FileDescriptor
    ) throws(SystemError) -> ProcessDescription {
        var (inheritance, others) = inheritance(listeners, plugins)
        inheritance.generation = generation
        let taken = Array(repeating: bell.descriptor, count: max(listeners.count, 1) + others.count - 1)
        var description = try describe(
            interpreter, [interpreter, distribution.pythonHost, "seed"], inheritance, [socket] + taken,
            parentDeathSignal: .kill)
        for (name, value) in variables { description.setEnvironment(name, value) }
        description.leave(to: identity)
        return description
    }

    func exporter(_ listener: Listener) throws(SystemError) -> ProcessDescription {
        var inheritance = inheritance([listener.address], [], secrets: true)
        if let place { inheritance.settings.append((Inheritance.placeSetting, place)) }
        var description = try describe(
            distribution.exporter, Self.arguments(.exporter), inheritance, [listener.descriptor],
            parentDeathSignal: .kill)
        description.forgetSecrets()  // it has them from the settings
        description.leave(to: identity)
        return description
    }

    /// A check of what is to protect a port.
    func protectionCheck(_ subject: ProtectionInspection.Subject, socket: FileDescriptor) throws(SystemError)
        -> ProcessDescription
    {
        requireOneThread()
        var description = try ProtectionInspection.description(
            subject, of: distribution, inheritance([], []), socket: socket)
        description.forgetSecrets()
        description.leave(to: identity)  // it must be able to read what its processes will
        return description
    }

    func hookRunner(
        _ plugin: ResolvedPlugin, index: Int, socket: FileDescriptor
    ) throws(SystemError) -> ProcessDescription {
        var images: [FileDescriptor] = []
        let inherited = plugin.inherited(index: index, first: Inheritance.Place.first + 1, &images)
        if let interpreter = plugin.description.isPythonHooks ? python : nil {
            return try describe(
                interpreter, [interpreter, distribution.pythonHost, "hooks"], inheritance([], []), [socket],
                parentDeathSignal: .kill)
        }
        var description = try describe(
            distribution.executable, Self.arguments(.hookRunner), inheritance([], [inherited]), [socket] + images,
            parentDeathSignal: .kill)
        description.forgetSecrets()
        return description
    }

    /// The plugin inspector: the question is its descriptor 3, the socket for the findings 4.
    func inspector(_ query: PluginQuery, socket: FileDescriptor) throws(SystemError) -> ProcessDescription {
        requireOneThread()
        let question = try SealedFile.create(name: "talon-plugin-query", contents: query.encoded)
        var description = ProcessDescription(
            program: distribution.pluginTool, arguments: ["talon:", "plugin-inspector"],
            environment: ThisProcess.environment(), directory: directory, descriptors: [question, socket],
            handedOver: [question], parentDeathSignal: .kill)
        description.forgetSecrets()
        return description
    }

    /// "talon: exporter" in a list of processes; the first word tells the program that it is a child.
    private static func arguments(_ role: Role) -> [String] { ["talon:", role.rawValue] }

    /// Of workers, and the descriptors that follow the listeners.
    private func inheritance(_ listeners: [Listener], _ plugins: PluginSet) -> (Inheritance, [FileDescriptor]) {
        let first = Inheritance.Place.first + Int32(max(listeners.count, 1))
        var (inherited, others) = plugins.forWorkers(first: first)
        var inheritance = inheritance(listeners.map(\.address), inherited)
        if givesOwnListeners { inheritance.settings.append((Inheritance.ownListenersSetting, "true")) }
        if let notes {
            inheritance.settings.append((Inheritance.notesSetting, "\(first + Int32(others.count))"))
            others.append(notes)
        }
        return (inheritance, others)
    }

    /// `secrets`: with passwords, which one kind of child needs.
    private func inheritance(
        _ addresses: [ListenAddress], _ plugins: [InheritedPlugin], secrets: Bool = false
    ) -> Inheritance {
        var inheritance = Inheritance(
            masterPid: ThisProcess.pid, home: distribution.home, application: application)
        inheritance.listeners = addresses
        let texts = settings.texts.filter { secrets || !Catalogue.secrets.contains($0.name) }
        inheritance.settings = texts + [("talon.started_at", "\(startedAt)")]
        inheritance.plugins = plugins
        return inheritance
    }

    private func describe(
        _ program: String, _ arguments: [String], _ inheritance: Inheritance, _ descriptors: [FileDescriptor],
        parentDeathSignal: Signal
    ) throws(SystemError) -> ProcessDescription {
        requireOneThread()
        let facts = try SealedFile.create(name: "talon-inheritance", contents: inheritance.encoded)
        var description = ProcessDescription(
            program: program, arguments: arguments, environment: ThisProcess.environment(),
            descriptors: [facts, scoreboard.descriptor, bell.descriptor, breakers] + descriptors, handedOver: [facts],
            parentDeathSignal: parentDeathSignal)
        for (name, value) in [("SERVER_SOFTWARE", "talon/\(TalonVersion.text)")] + settings.environment {
            description.setEnvironment(name, value)
        }
        return description
    }
}

extension ProcessDescription {
    /// It runs as another user, and has nothing to tell the service manager.
    mutating func leave(to identity: ProcessIdentity?) {
        self.identity = identity
        environment.removeAll { ServiceManager.Variable.all.contains($0.name) }
    }

    /// The passwords that variables of Talon's hold. The environment of what runs the user's own code stays as it is:
    /// the application may well use the same Redis by the same variable.
    mutating func forgetSecrets() {
        environment.removeAll { Catalogue.secretVariables.contains($0.name) }
    }

    mutating func setEnvironment(_ name: String, _ value: String) {
        environment.removeAll { $0.name == name }
        environment.append((name, value))
    }
}

extension ChildFactory {
    /// A fork copies one thread and the locks of all. The master has one thread, or something in it is wrong.
    func requireOneThread() {
        guard let count = ThisProcess.threadCount else { return }
        log.debug("Forking; threads of the master: \(count)")
        guard count == 1 else {
            let names = ThisProcess.threadNames.joined(separator: ", ")
            log.critical("Internal error: the master has \(count) threads (\(names)); it cannot fork safely")
            fatalError("the master has \(count) threads: \(names)")
        }
    }
}
