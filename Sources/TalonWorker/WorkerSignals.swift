import TalonHTTP
import TalonHooks
import TalonPlatform
import TalonSettings

/// How a worker is told to end, and what it does then. The main thread, except what is marked.
extension WorkerRuntime {
    /// Finishes what runs, then ends with `status`. Any thread that runs the application.
    package func stop(status: Int32) {
        slot.leave(.exit)
        stopStatus.store(status)
        Signal.terminate.send(to: ThisProcess.pid)
    }

    func take(_ signal: Signal) {
        switch signal {
        case .terminate:
            leave(.terminate, by: signal)
            exitStatus = stopStatus.load()
            quitting()
            if givesWayToNewCode { hooks?.run(.workerInt) }
            server?.drain(queueDrain)
        case .interrupt, .quit:
            // Ctrl-C comes from the terminal and, as QUIT, from the master.
            guard !isInterrupted else { return }
            isInterrupted = true
            leave(.quit, by: signal)
            quitting()
            hooks?.run(.workerInt)
            server?.stop()
        case .abort:
            // The master's answer to a timeout, and the loop turns again: it ends as gunicorn's workers do.
            slot.farewell = .abort  // if the application has left by it, it is why
            slot.farewellSender = SignalPipe.sender(of: signal)
            stopStatus.store(1)
            exitStatus = 1
            quitting()
            hooks?.run(.workerAbort)
            // With threads whoever is over the limit may have come back meanwhile: the others are not to suffer for it.
            if !breakOffOverdue() { threads > 1 ? server?.drain(queueDrain) : server?.stop() }
        case .user1:
            log.reopen()
            accessLog?.reopen(log)
        default:
            break  // HUP, WINCH: not for a worker, and not its end either
        }
    }

    private func leave(_ reason: WorkerFarewell, by signal: Signal) {
        if slot.farewell == .none { slot.farewellSender = SignalPipe.sender(of: signal) }
        slot.leave(reason)
    }

    /// In development; gunicorn's reloader calls worker_int too.
    private var givesWayToNewCode: Bool { inheritance.setting("reload") == "true" && scoreboard.phase != .draining }

    /// Others accept from the listeners that all share, unless all end. One's own are nobody else's.
    var queueDrain: QueueDrain {
        if inheritance.ownsListeners { return .untilEmpty }
        return scoreboard.phase == .draining ? .untilEnd : .leave
    }

    func quitting() {
        if slot.state == .ready { slot.state = .quitting }
        bell.ring()
    }
}
