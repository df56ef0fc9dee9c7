/// Where a value comes from, lowest first.
package enum SettingSource: Sendable, Equatable {
    case standard
    /// A variable, and the file that set it, if one did.
    case environment(String, setBy: String? = nil)
    /// "gunicorn.conf.py:12"
    case file(String)
    /// `GUNICORN_CMD_ARGS`
    case arguments
    case commandLine
}

extension SettingSource: CustomStringConvertible {
    package var description: String {
        switch self {
        case .standard: "default"
        case .environment(let variable, nil): "env \(variable)"
        case .environment(let variable, let file?): "env \(variable), set by \(file)"
        case .file(let place): place
        case .arguments: "GUNICORN_CMD_ARGS"
        case .commandLine: "command line"
        }
    }
}
