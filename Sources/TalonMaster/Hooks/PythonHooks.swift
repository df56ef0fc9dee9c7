import TalonHooks
import TalonPlatform
import TalonSettings

/// The hooks of a `gunicorn.conf.py`, as a plugin like any other: its runner is a `python3`, and in a worker it is the
/// Python host itself, which is loaded there anyway.
struct PythonHooks {
    /// As it introduces itself: runner.py and hooks.c.
    static let id = "org.talon.python-hooks"
    static let language = "python"

    /// nil if no hook is set. `reading` tells one execution of the file from the next: at a reload it is executed again,
    /// changed or not, for what it imports may have.
    static func plugin(
        _ settings: ServerSettings, _ program: WorkerProgram, _ distribution: Distribution, reading: UInt64
    ) -> ResolvedPlugin? {
        let points = HookPoint.allCases.filter { settings[$0.name] != nil && ($0.isInWorker ? program.isPython : true) }
        guard !points.isEmpty else { return nil }
        var description = PluginDescription(id: id, origin: origin(settings))
        description.language = language
        description.isolation = .inline
        description.digest = "reading \(reading)"
        description.bindings = points.map { PluginDescription.Binding($0) }
        for point in points { description.limits[point] = max(timeLimit(at: point), point.timeLimit) }
        return ResolvedPlugin(description, .file(distribution.pythonExtension))
    }

    /// The interpreter of their runner: that of the workers. nil if no hook is set.
    static func interpreter(_ settings: ServerSettings, _ program: WorkerProgram) throws(StartError) -> String? {
        guard HookPoint.allCases.contains(where: { settings[$0.name] != nil }) else { return nil }
        if case .python(let interpreter) = program { return interpreter }
        return try PythonInterpreter.find(named: settings.python)
    }

    private static func origin(_ settings: ServerSettings) -> String {
        settings["config"]?.description ?? "hooks in Python"
    }

    /// What a hook of gunicorn's users does at its leisure: migrate, warm up, import. In nanoseconds.
    private static func timeLimit(at point: HookPoint) -> UInt64 {
        switch point {
        case .onStarting, .whenReady, .onReload, .preExec, .postFork, .postWorkerInit: 30 * nanosecondsPerSecond
        case .preRequest, .postRequest: nanosecondsPerSecond
        default: 5 * nanosecondsPerSecond
        }
    }
}

extension WorkerProgram {
    fileprivate var isPython: Bool {
        if case .python = self { true } else { false }
    }
}

extension PluginDescription {
    /// Its runner is a `python3`.
    var isPythonHooks: Bool { language == PythonHooks.language && id == PythonHooks.id }
}
