import TalonPlatform

/// The master that started this one for a binary upgrade, and the sockets that it handed over.
///
/// It tells by gunicorn's variables: `GUNICORN_PID` is its pid, `GUNICORN_FD` has the numbers of the listening
/// descriptors, separated by commas. `TALON_METRICS_FD` is the one of the metrics port, and `TALON_ACTIVATED` says
/// that the service manager opened the others.
struct Predecessor {
    enum Variable {
        static let pid = "GUNICORN_PID"
        static let listeners = "GUNICORN_FD"
        static let metrics = "TALON_METRICS_FD"
        static let activated = "TALON_ACTIVATED"
    }

    let pid: Int32
    /// Empty if it handed none over.
    let listeners: [Listener]
    let metrics: Listener?
    /// See ``SocketActivation``.
    let areActivated: Bool

    /// Whether this master is alone now: the other one was its parent.
    var hasEnded: Bool { ThisProcess.parentPid != pid }

    /// nil if a user started this master. Takes the variables out of the environment, for no child is to see them.
    static func received() throws(StartError) -> Predecessor? {
        let areActivated = take(Variable.activated) != nil
        guard let text = take(Variable.pid), !text.isEmpty else { return nil }
        guard let pid = Int32(text), pid > 0 else {
            throw StartError("talon: \(Variable.pid) is \(text.debugDescription), not a pid; unset it", status: 1)
        }
        let listeners = try listeners(in: Variable.listeners)
        return Predecessor(
            pid: pid, listeners: listeners, metrics: try self.listeners(in: Variable.metrics).first,
            areActivated: areActivated)
    }

    private static func listeners(in variable: String) throws(StartError) -> [Listener] {
        var listeners: [Listener] = []
        for word in (take(variable) ?? "").split(separator: ",") {
            guard let number = Int32(word), number > 2,
                let listener = try? Listener.adopt(FileDescriptor(rawValue: number))
            else {
                throw StartError(
                    "talon: \(variable) names the descriptor \(word), which is no listening socket; "
                        + "unset \(Variable.pid) and \(variable) unless another master starts this one", status: 1)
            }
            listeners.append(listener)
        }
        return listeners
    }

    private static func take(_ variable: String) -> String? {
        defer { ThisProcess.removeEnvironment(variable) }
        return ThisProcess.environment(variable)
    }
}
