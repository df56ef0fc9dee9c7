import TalonPlatform
package import TalonSettings

/// The program that a worker runs: the user's own interpreter for Python, `talon` itself for a native application.
package enum WorkerProgram: Equatable, Sendable {
    case python(interpreter: String)
    case native(path: String)

    /// For messages: the interpreter, or the application.
    package var path: String {
        switch self {
        case .python(let interpreter): interpreter
        case .native(let path): path
        }
    }

    /// Tells by the application's name: a path of a shared object is native, all else is Python's.
    package static func of(application: String, settings: ServerSettings) throws(StartError) -> WorkerProgram {
        let module = application.prefix { $0 != ":" }  // what follows may be a call with any text in it
        if application.hasSuffix(".so") || module.contains("/") {
            let path = application.hasPrefix("/") ? application : "\(ThisProcess.directory ?? "")/\(application)"
            return .native(path: path)
        }
        return .python(interpreter: try PythonInterpreter.find(named: settings.python))
    }
}

/// The search for python3.
enum PythonInterpreter {
    /// `--python` or `TALON_PYTHON`, else the one of `VIRTUAL_ENV`, else `python3` on `PATH`.
    static func find(named name: String?) throws(StartError) -> String {
        if let name {
            if let path = name.contains("/") ? executable(absolute(name)) : onPath(name) { return path }
            throw StartError(
                "talon: --python: no program '\(name)'; give the path of a python3 (3.10 or later)", status: 1)
        }
        if let environment = ThisProcess.environment("VIRTUAL_ENV"), !environment.isEmpty {
            if let path = executable("\(environment)/bin/python3") { return path }
            throw StartError(
                "talon: no python3 in VIRTUAL_ENV (\(environment)/bin/python3); make the environment anew, or use --python",
                status: 1)
        }
        if let path = onPath("python3") { return path }
        throw StartError(
            "talon: no python3 found: --python and TALON_PYTHON are not set, VIRTUAL_ENV is not set, "
                + "and PATH (\(ThisProcess.environment("PATH") ?? "not set")) has none; install python3 or use --python",
            status: 1)
    }

    private static func onPath(_ name: String) -> String? {
        for folder in (ThisProcess.environment("PATH") ?? "").split(separator: ":") {
            if let path = executable(absolute("\(folder)/\(name)")) { return path }
        }
        return nil
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(ThisProcess.directory ?? "")/\(path)"
    }

    private static func executable(_ path: String) -> String? {
        FileAccess.isExecutableFile(path) ? path : nil
    }
}
