import TalonControl
import TalonPlatform
import TalonSettings

/// The control sockets, as a part of the master's loop: nothing here waits, and each client gets one step a turn.
final class ControlServer {
    /// What becomes of a request.
    enum Answer {
        case data(JSON)
        case problem(ControlProblem)
        /// The reply comes later, by the connection.
        case later
    }

    private var sockets: [ControlSocket] = []
    private let log: ErrorLog
    private let answer: (ControlRequest, ControlRole, ControlConnection) -> Answer

    init(log: ErrorLog, answer: @escaping (ControlRequest, ControlRole, ControlConnection) -> Answer) {
        self.log = log
        self.answer = answer
    }

    /// Opens the sockets that the settings name; with `suffix` while another master has the names. What cannot be
    /// opened is left out: a warning if somebody asked for it.
    func open(_ settings: ServerSettings, suffix: String) {
        if let (path, isNamed) = settings.controlSocket { open(path + suffix, .full, settings, isNamed) }
        if let path = settings.controlSocketReadOnly { open(path + suffix, .readOnly, settings, true) }
    }

    private func open(_ path: String, _ role: ControlRole, _ settings: ServerSettings, _ isNamed: Bool) {
        do {
            let listener = try listen(path, settings.controlSocketMode)
            sockets.append(ControlSocket(listener, role: role))
            let kind = role == .readOnly ? " (read-only)" : ""
            log.write(isNamed ? .info : .debug, "Control socket listening at \(path)\(kind)")
        } catch {
            log.write(isNamed ? .warning : .debug, "No control socket: \(error)")
        }
    }

    private func listen(_ path: String, _ mode: UInt32) throws(SystemError) -> UnixListener {
        guard let name = UnixSocketName(path) else {
            throw SystemError(call: "bind", errno: nameTooLong, context: path)
        }
        return try UnixListener.open(name, mode: mode)
    }

    /// Takes the names that the master before had, without `suffix`.
    func promote(mode: UInt32, suffix: String) {
        for (index, socket) in sockets.enumerated() {
            let path = socket.listener.name.description
            guard path.hasSuffix(suffix) else { continue }
            do {
                let listener = try listen(String(path.dropLast(suffix.count)), mode)
                sockets[index] = socket.moved(to: listener)
                log.debug("Control socket listening at \(listener.name)")
            } catch {
                log.warning("The control socket stays at \(path): \(error)")
            }
        }
    }

    /// What to wait on, and for what.
    var watched: [(descriptor: FileDescriptor, interest: PollSet.Interest)] {
        let now = MonotonicClock.now()
        return sockets.flatMap { $0.watched(now: now) }
    }

    /// CLOCK_MONOTONIC, nanoseconds; 0 if there is something to do already.
    var nextDeadline: UInt64? {
        if sockets.contains(where: { $0.connections.contains(where: \.hasRequest) }) { return 0 }
        return sockets.compactMap(\.nextDeadline).min()
    }

    /// True if the descriptor is one of these.
    func ready(_ descriptor: FileDescriptor) -> Bool {
        let now = MonotonicClock.now()
        for socket in sockets {
            if socket.listener.descriptor == descriptor {
                socket.accept(now: now)
                return true
            }
            if let connection = socket.connections.first(where: { $0.descriptor == descriptor && !$0.isClosed }) {
                connection.ready(now: now)
                return true
            }
        }
        return false
    }

    /// Answers one request of each client that has one, and ends who is late.
    func proceed() {
        for socket in sockets {
            for connection in socket.connections where connection.hasRequest {
                let now = MonotonicClock.now()
                guard let request = connection.takeRequest(now: now) else { continue }
                switch answer(request, socket.role, connection) {
                case .data(let data): connection.reply(ControlReply.encode(data, to: request.id), now)
                case .problem(let problem): connection.reply(ControlReply.encode(problem, to: request.id), now)
                case .later: connection.wait(id: request.id)
                }
            }
            socket.maintain(now: MonotonicClock.now())
        }
    }

    func close() {
        for socket in sockets { socket.close() }
        sockets = []
    }
}
