import TalonPlatform

/// How a hook runner begins.
extension HookRunnerProcess {
    /// Why a plugin could not be loaded in its runner.
    package enum StartFailure: Error, Equatable {
        /// The process cannot be started.
        case notStarted(String)
        /// The plugin was looked at, and cannot be used.
        case refused(String)
        /// It ended the process, or took too long.
        case crashed(String)

        /// As the rest of a sentence.
        package var reason: String {
            switch self {
            case .notStarted(let reason): "its hook runner cannot be started: \(reason)"
            case .refused(let reason), .crashed(let reason): reason
            }
        }
    }

    /// Starts it for the first time and waits until the plugin is loaded there.
    package func start() throws(StartFailure) {
        do {
            try spawn()
        } catch {
            throw .notStarted("\(error)")
        }
        let deadline = MonotonicClock.now() + loadLimit
        while true {
            do throws(FrameChannel.Failure) {
                guard var channel = running?.channel else { throw FrameChannel.Failure.closed }
                let frame = try channel.receive(before: deadline)
                running?.channel = channel
                try take(frame)
                if running?.hasGreeted == true { return }
            } catch .late {
                stop()
                throw .crashed("loading it takes too long")
            } catch {
                let status = running.flatMap { Self.endOf($0.process) }
                if status == nil { stop() } else { forget() }
                if let refusal { throw .refused(refusal) }
                // By a terminal, before the runner could ignore that: the plugin has done nothing.
                if case .signaled(let signal)? = status, [.interrupt, .quit, .hangup, .terminate].contains(signal) {
                    throw .notStarted("it was sent \(signal.name)")
                }
                throw .crashed("loading it ended its process: it \(status?.phrase ?? "closed its socket")")
            }
        }
    }

    func spawn() throws(SystemError) {
        let (ours, theirs) = try SocketPair.open()
        defer { theirs.close() }
        do {
            // A runner that does not read must not stop the master.
            try ours.setNonBlocking()
            let process = try ChildProcess.spawn(try description(theirs))
            running = Running(
                process: process, channel: FrameChannel(socket: ours), startedAt: MonotonicClock.now())
            refusal = nil
        } catch {
            ours.close()
            throw error
        }
    }
}
