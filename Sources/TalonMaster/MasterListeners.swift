import TalonPlatform
import TalonSettings

extension Master {
    /// Tries as often as gunicorn, once a second: the server before us may be about to end.
    private static let bindTries = 5

    /// Takes the sockets of the service manager or of the master before, or opens every address of `bind`.
    func openListeners(activated: [Listener]) throws(StartError) {
        if !activated.isEmpty {
            areListenersActivated = true
            listeners = activated
            return
        }
        let inherited = predecessor?.listeners ?? []
        let areActivated = predecessor?.areActivated == true
        if !inherited.isEmpty, areActivated || !settings.reusesPort {
            areListenersActivated = areActivated
            listeners = inherited
            return
        }
        children.givesOwnListeners = settings.reusesPort
        // Sockets of a shared port are not handed over, for each belongs to a worker; others are.
        for address in settings.addresses {
            let shared = inherited.first { $0.address == address }
            if let shared { listeners.append(shared) } else { listeners.append(try open(address)) }
        }
    }

    /// Describes a worker with its listeners: those that all share, and with `reuse_port` one of its own for each TCP
    /// address. It is bound here, where the right to a low port is, and listens when the worker is ready: connections
    /// never wait for one that is still booting. The one in `listeners` only keeps the port for this server.
    func withWorkerListeners(
        _ describe: ([Listener]) throws(SystemError) -> ProcessDescription
    ) throws(SystemError) -> ProcessDescription {
        guard children.givesOwnListeners else { return try describe(listeners) }
        var all: [Listener] = []
        var own: [FileDescriptor] = []
        do {
            for listener in listeners {
                guard listener.address.isTCP else {
                    all.append(listener)
                    continue
                }
                let socket = try Listener.open(listener.address, sharesPort: true)
                all.append(socket)
                own.append(socket.descriptor)
            }
            var description = try describe(all)
            description.handedOver += own
            return description
        } catch {
            for descriptor in own { descriptor.close() }
            throw error
        }
    }

    /// Without those that only keep a port, on which nobody waits.
    var sharedListeners: [Listener] { listeners.filter { !children.givesOwnListeners || !$0.address.isTCP } }

    private func open(_ address: ListenAddress) throws(StartError) -> Listener {
        var failure: SystemError?
        for attempt in 1...Master.bindTries {
            do {
                let listener = try Listener.open(
                    address, backlog: settings.backlog, umask: settings.umask,
                    sharesPort: settings.reusesPort && address.isTCP)
                if case .unix(let path) = address, let identity = children.identity {
                    try FileAccess.giveSocket(path, to: identity)
                }
                return listener
            } catch {
                failure = error
                guard error.isAddressInUse else { break }
                log.error("Connection in use: \(address.inErrors)")
            }
            guard attempt < Master.bindTries else { break }
            log.debug("Retrying in 1 second.")
            guard !stopRequested(within: 1000) else { break }
        }
        let reason = failure.map { ": \($0)" } ?? ""
        throw StartError("talon: Can't connect to \(address.inErrors)\(reason)", status: 1)
    }

    /// Waits, and is true if a signal asked to stop meanwhile.
    private func stopRequested(within milliseconds: Int32) -> Bool {
        let deadline = MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
        while true {
            let now = MonotonicClock.now()
            guard now < deadline else { return false }
            let rest = Int32((deadline - now) / 1_000_000) + 1
            guard signals.descriptor.waitUntil(1, timeoutMilliseconds: rest) else { return false }
            if signals.read().contains(where: \.isStop) { return true }
        }
    }

    /// Closes them all. The file of a unix socket goes with the server, not with a reload.
    func closeListeners(removingSockets: Bool) {
        if !areListenersClosed {
            areListenersClosed = true
            // Shut down, not only closed: a worker that is busy still has the socket open, and clients would wait in
            // its queue for nobody.
            // Unless another master serves on it, or the service manager goes on listening.
            let areOthers = sharesListeners || areListenersActivated
            for listener in listeners { areOthers ? listener.descriptor.close() : listener.shutDown() }
        }
        if removingSockets, !sharesListeners, !areListenersActivated {
            for case .unix(let path) in listeners.map(\.address) { FileAccess.remove(path) }
        }
    }
}

extension Listener {
    /// What the kernel has bound it to, in numbers and with the whole path: no other server of this machine is there, and
    /// after a binary upgrade it is the same.
    var place: String {
        switch address {
        case .tcp:
            let name = SocketName.local(of: descriptor)
            return name.map { ListenAddress.tcp(host: $0.host, port: $0.port).label } ?? address.label
        case .unix(let path) where !path.hasPrefix("/"):
            return ListenAddress.unix(path: "\(ThisProcess.directory ?? "")/\(path)").label
        case .unix: return address.label
        }
    }
}

extension SystemError {
    fileprivate var isAddressInUse: Bool { errno == addressInUse }
}
