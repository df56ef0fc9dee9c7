import TalonPlatform
import TalonSettings

extension Master {
    /// Tries as often as gunicorn, once a second: the server before us may be about to end.
    private static let bindTries = 5

    /// Takes the sockets of the master before, or opens every address of `bind`.
    func openListeners() throws(StartError) {
        if let inherited = predecessor?.listeners, !inherited.isEmpty {
            listeners = inherited
            return
        }
        for address in settings.addresses { listeners.append(try open(address)) }
    }

    private func open(_ address: ListenAddress) throws(StartError) -> Listener {
        var failure: SystemError?
        for attempt in 1...Master.bindTries {
            do {
                return try Listener.open(address)
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
        guard signals.descriptor.waitUntil(1, timeoutMilliseconds: milliseconds) else { return false }
        return signals.read().contains { [.interrupt, .quit, .terminate].contains($0) }
    }

    /// Closes them all. The file of a unix socket goes with the server, not with a reload.
    func closeListeners(removingSockets: Bool) {
        if !areListenersClosed {
            areListenersClosed = true
            // Shut down, not only closed: a worker that is busy still has the socket open, and clients would wait in
            // its queue for nobody.
            // Unless another master serves on it.
            for listener in listeners { sharesListeners ? listener.descriptor.close() : listener.shutDown() }
        }
        if removingSockets, !sharesListeners {
            for case .unix(let path) in listeners.map(\.address) { FileAccess.remove(path) }
        }
    }
}

extension SystemError {
    fileprivate var isAddressInUse: Bool { errno == addressInUse }
}
