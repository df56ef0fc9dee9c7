import TalonHooks
import TalonMetrics
import TalonPlatform
import TalonSettings

/// What the master measures of itself and its children; the loop calls it at the moments that count.
extension Master {
    /// Counts from now on. nil: without metrics.
    func openMetrics(_ store: MetricStore?) {
        metrics = store.map { MasterMetrics(store: $0, caught: Master.caughtSignals) }
        metrics?.show(wanted: supervisor.target, generation: supervisor.generation)
    }

    /// A worker is gone; the supervisor does not know yet. `usage`: the last reading of it.
    func countEnd(_ slot: Int, _ end: WorkerEnd, _ usage: ProcessUsage?) {
        // A worker can write anything there, so the sum may well wrap.
        scoreboard[slot].endedCPUTime &+= usage?.cpuTime ?? 0
        metrics?.workerEnded(slot: slot, end)
    }

    /// What is known of the end of a worker; to be asked once for each.
    func end(of slot: Int, _ exit: ExitStatus, inHook: Bool) -> WorkerEnd {
        let (order, wasBooting) = supervisor.order(slot)
        let isOutOfMemory = exit == .signaled(.kill) && order == nil && outOfMemoryKills.claim()
        return WorkerEnd(
            status: exit, order: order, farewell: scoreboard[slot].farewell, wasBooting: wasBooting,
            wasInHook: inHook, isOutOfMemory: isOutOfMemory)
    }

    /// The exporter's process is about to be reaped: after that nobody can tell what it used.
    func noteExporterUsage() {
        let usage = exporter?.process.flatMap { ProcessUsage.of($0.pid) }
        scoreboard.endedExporterCPUTime &+= usage?.cpuTime ?? 0
    }

    /// After each event: the gauges, and the reload that may be over with it.
    func followSupervisor() {
        metrics?.show(wanted: supervisor.target, generation: supervisor.generation)
        let view = ReloadWatch.View(
            generation: supervisor.generation, incoming: supervisor.incoming, isRunning: supervisor.isRunning,
            failure: supervisor.reloadFailure)
        if let end = reloadWatch.look(view, now: MonotonicClock.now()) { reloadEnded(end) }
    }

    /// Reads what changes by itself, at most once a second.
    func measure(_ now: UInt64) {
        guard now >= measureAt else { return }
        measureAt = now + nanosecondsPerSecond
        outOfMemoryKills.look()
        guard let metrics else { return }
        for listener in listeners where !untoldQueues.contains(listener.address) {
            // The queues of a shared port are its workers'.
            if children.givesOwnListeners, listener.address.isTCP { continue }
            guard !areListenersClosed else {
                metrics.show(nil, of: listener.address)
                continue
            }
            do throws(SystemError) {
                metrics.show(try listener.acceptQueue(), of: listener.address)
            } catch {
                // The kernel may look for a module each time that it is asked in vain.
                untoldQueues.insert(listener.address)
                log.debug("The accept queue of \(listener.address) cannot be read: \(error)")
            }
        }
    }
}
