import TalonPlatform

/// Where the configuration is.
package enum ConfigurationLocation: Equatable, Sendable {
    /// A Python file; absolute.
    case python(path: String)
    /// A Python module, by name.
    case module(String)
    /// A `talon.yaml`; absolute.
    case yaml(path: String)

    /// What `-c` names, or the file that is there if it names none; nil: no configuration file.
    package static func find(named name: String?, in directory: String) throws(StartError) -> ConfigurationLocation? {
        guard let name, !name.isEmpty else {
            for file in ["gunicorn.conf.py", "talon.yaml"] {
                let path = absolute(file, directory)
                if FileAccess.isRegularFile(path) { return of(path) }
            }
            return nil
        }
        if let module = name.dropping(prefix: "python:") {
            guard !module.isEmpty else {
                throw StartError("talon: -c/--config: 'python:' names no module; use python:MODULE", status: 1)
            }
            return .module(String(module))
        }
        let path = absolute(String(name.dropping(prefix: "file:") ?? name[...]), directory)
        guard let status = FileAccess.status(of: path) else {
            throw StartError("talon: -c/--config: '\(name)' doesn't exist, or may not be looked at", status: 1)
        }
        guard status.kind != .folder else {
            throw StartError("talon: -c/--config: '\(name)' is a folder; name a file in it", status: 1)
        }
        return of(path)
    }

    private static func of(_ path: String) -> ConfigurationLocation {
        path.hasSuffix(".yaml") || path.hasSuffix(".yml") ? .yaml(path: path) : .python(path: path)
    }

    private static func absolute(_ path: String, _ directory: String) -> String {
        path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }
}

extension ConfigurationLocation: CustomStringConvertible {
    /// As `-c` names it, from any folder.
    package var description: String {
        switch self {
        case .python(let path), .yaml(let path): path
        case .module(let name): "python:\(name)"
        }
    }
}
