import TalonHooks
import TalonPlatform
import TalonSettings

/// The end of the server: first a time in which others may take over the load, then the queues of the listeners, then
/// the workers.
extension Master {
    /// While somebody waits in a queue it is looked at again after this.
    private static let queueInterval = nanosecondsPerSecond / 50

    /// A signal to stop. The hooks of `on_stopping` run before the workers' time begins to run.
    func stop(graceful: Bool) {
        guard supervisor.isRunning else { return handle(.stop(graceful: graceful)) }
        tellStop()
        runOnStopping()
        if scoreboard.phase == .serving { scoreboard.phase = .leaving }
        guard graceful, stopAt == nil, settings.preStopDelay > 0, !supervisor.workers.isEmpty else {
            stopAt = nil
            return handle(.stop(graceful: graceful))
        }
        stopAt = MonotonicClock.now() + UInt64(settings.preStopDelay) * nanosecondsPerSecond
        log.info("Serving for another \(settings.preStopDelay) s before the stop (pre_stop_delay)")
    }

    /// Lets nobody in any more. At a graceful stop who waits in the queues is served before the listeners end.
    func endListening() {
        // Listeners that others go on with are not emptied: nobody waits in vain.
        let areOurs = !sharesListeners && !areListenersActivated && !areListenersClosed
        guard areOurs, supervisor.isStoppingGracefully, !supervisor.workers.isEmpty else {
            return closeListeners(removingSockets: false)
        }
        let now = MonotonicClock.now()
        let graceful = UInt64(settings.gracefulTimeout) * nanosecondsPerSecond
        // Who is let in later than this could not be answered in time.
        drain = ListenerDrain(since: now, until: now + graceful - min(graceful / 4, nanosecondsPerSecond), lookAt: now)
        for listener in sharedListeners { listener.refuseNew() }
        scoreboard.phase = .draining
    }

    /// Ends what is due: the delay before the stop, the listeners once nobody waits.
    func proceedWithStop(_ now: UInt64) {
        if let time = stopAt, now >= time {
            stopAt = nil
            handle(.stop(graceful: true))
        }
        guard let current = drain else { return }
        drain?.lookAt = now + Master.queueInterval
        // Of a unix socket's queue the workers see the end themselves, and shutting down leaves it alone.
        let isBusy = sharedListeners.contains { $0.address.isTCP && $0.hasWaiting }
        let isEmpty = now >= current.since + Listener.handshakeTime && !isBusy
        guard isEmpty || now >= current.until || !supervisor.isStoppingGracefully else { return }
        drain = nil
        closeListeners(removingSockets: false)
        log.debug("The listeners are closed")
    }

    /// When ``proceedWithStop(_:)`` has something to do; nil if there is no stop.
    var stopDeadline: UInt64? { drain?.lookAt ?? stopAt }
}

/// A graceful stop that waits for the queues of the listeners; CLOCK_MONOTONIC, nanoseconds.
struct ListenerDrain {
    let since: UInt64
    /// What waits then is given up.
    let until: UInt64
    var lookAt: UInt64
}

extension SupervisorStateMachine {
    /// It ends because it was told to, and has time for it.
    var isStoppingGracefully: Bool {
        if case .stopping(quick: false, status: 0) = phase { true } else { false }
    }
}
