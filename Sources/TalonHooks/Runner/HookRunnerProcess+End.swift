import TalonPlatform

/// How a hook runner ends, by itself or because it is told to.
extension HookRunnerProcess {
    /// Tells it to end, by the closed socket, so that the plugin can tidy up; it is killed if that takes longer than
    /// `patience` nanoseconds. Does not wait: ``descriptors`` and ``nextDeadline`` tell when there is more to do.
    package func retire(patience: UInt64) {
        startAgainAt = nil
        dropWaiting()
        guard let running, killAt == nil else { return }
        running.channel.socket.close()
        killAt = MonotonicClock.now() + patience
        finishCurrent(.notRunning)
    }

    /// It was told to end, and has.
    package var isGone: Bool { running == nil && startAgainAt == nil }

    /// Waits for the end that ``retire(patience:)`` has begun.
    package func waitForEnd() {
        guard let running, let killAt else { return }
        let now = MonotonicClock.now()
        let rest = killAt > now ? Int32(truncatingIfNeeded: (killAt - now) / 1_000_000) : 0
        if running.process.descriptor.waitUntil(1, timeoutMilliseconds: rest) { reapIfEnded() }
        if self.running != nil { stop() }
    }

    func reapIfEnded() {
        guard let running, running.process.descriptor.waitUntil(1, timeoutMilliseconds: 0) else { return }
        // A program that the plugin started may still hold the socket.
        if killAt == nil { return lost() }
        _ = running.process.reap()
        self.running = nil
    }

    /// It ended, closed its socket, or sends what is no frame.
    func lost() {
        guard let running else { return }
        let status = Self.endOf(running.process)
        if status == nil { running.process.killAndReap() }
        forget()
        scheduleRestart()
        if current == nil {
            let reason = refusal ?? status?.phrase ?? "closed its socket or sent nonsense"
            log.error("Hook runner of plugin \(id) (pid:\(running.process.pid)) ended: \(reason)")
        }
        switch status {
        case .exited(let code): finishCurrent(.exited(code))
        case .signaled(let signal): finishCurrent(.crashed(signal))
        case nil: finishCurrent(.error)
        }
        dropWaiting()
    }

    /// How a process ended that has closed its socket; nil if it has not ended within a moment.
    static func endOf(_ process: ChildProcess) -> ExitStatus? {
        process.descriptor.waitUntil(1, timeoutMilliseconds: 100) ? process.reap() : nil
    }

    func stop() {
        running?.process.killAndReap()
        forget()
    }

    func forget() {
        if killAt == nil { running?.channel.socket.close() }
        running = nil
    }

    func dropWaiting() {
        let dropped = waiting
        waiting = []
        for call in dropped { call.finished(.notRunning, nil) }
    }

    func scheduleRestart() {
        startAgainAt = MonotonicClock.now() + BackOff.delay(failures: failures)
        failures += 1
    }
}
