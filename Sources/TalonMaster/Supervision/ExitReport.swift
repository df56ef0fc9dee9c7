import TalonPlatform

/// What the log says of a worker's end, in gunicorn's words, without its guess at the cause: the line of its
/// ``ExitRecord`` has what is known.
enum ExitReport {
    static func lines(pid: Int32, status: ExitStatus, hook: String?) -> [SupervisorAction] {
        var lines: [SupervisorAction] = []
        switch status {
        case .exited(0): break
        case .exited(let code): lines.append(.log(.error, "Worker (pid:\(pid)) exited with code \(code)."))
        case .signaled(let signal):
            let level: LogLevel =
                switch signal {
                case .kill: .error
                case .terminate: .info
                default: .warning
                }
            lines.append(.log(level, "Worker (pid:\(pid)) was sent \(signal.name)!"))
        }
        if let hook { lines.append(.log(.error, "Worker (pid:\(pid)) ended in \(hook)")) }
        return lines
    }

    /// gunicorn's reason for an exit status with which a worker says that trying again is no use.
    static func bootFailure(_ code: Int32) -> String? {
        switch code {
        case 3: "Worker failed to boot."
        case 4: "App failed to load."
        default: nil
        }
    }
}
