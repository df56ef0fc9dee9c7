import TalonHooks
import TalonPlatform
import TalonSettings

/// The loop: waits, turns what happened into events, performs what the supervisor wants.
extension Master {
    /// The longest wait: heartbeats are checked that often.
    private static let tick = nanosecondsPerSecond

    /// Runs until the supervisor has finished. Returns the exit status.
    func loop() -> Int32 {
        var nextTick = MonotonicClock.now() + Master.tick
        while true {
            if let status { return status }
            let ready = PollSet.wait(for: watched, timeoutMilliseconds: timeout(until: nextTick))
            for descriptor in ready { handle(descriptor) }
            let now = MonotonicClock.now()
            hooks?.maintain(now: now)
            exporter?.maintain(now: now)
            if orphansMayWait || now >= nextTick { reapOrphans() }
            if now >= nextTick || supervisor.nextDeadline.map({ now >= $0 }) == true {
                nextTick = now + Master.tick
                handle(.tick(heartbeats: heartbeats))
                for (slot, hook) in overruns(now) { handle(.overran(slot: slot, hook: hook)) }
            }
        }
    }

    private var watched: [FileDescriptor] {
        var all = [signals.descriptor, bell.descriptor]
        all += workers.values.map(\.descriptor)
        if let exporter = exporter?.process { all.append(exporter.descriptor) }
        return all + (hooks?.descriptors ?? [])
    }

    /// Milliseconds until something is due, rounded up.
    private func timeout(until tick: UInt64) -> Int32 {
        let due = [tick, supervisor.nextDeadline, hooks?.nextDeadline, exporter?.startAgainAt].compactMap { $0 }
        let now = MonotonicClock.now()
        guard let next = due.min(), next > now else { return 0 }
        return Int32(truncatingIfNeeded: (next - now + 999_999) / 1_000_000)
    }

    private func handle(_ descriptor: FileDescriptor) {
        if descriptor == signals.descriptor {
            for signal in signals.read() { take(signal) }
        } else if descriptor == bell.descriptor {
            bell.clear()
            for (slot, worker) in workers where scoreboard[slot].state == .ready && scoreboard[slot].pid == worker.pid {
                handle(.ready(slot: slot))
            }
        } else if descriptor == exporter?.process?.descriptor {
            exporter?.ended()
        } else if let slot = workers.first(where: { $0.value.descriptor == descriptor })?.key {
            reap(slot)
        } else {
            hooks?.readable(descriptor)
        }
    }

    private func reap(_ slot: Int) {
        guard let worker = workers[slot], let exit = worker.reap() else { return }
        workers[slot] = nil
        if exit == .exited(0), scoreboard[slot].state == .booting {
            log.error("Worker (pid:\(worker.pid)) ended before it was ready; its program is \(program.path)")
        }
        let hook = endedInHook(slot, exit)
        overran.remove(slot)
        scoreboard[slot].release()
        handle(.exited(slot: slot, exit, inHook: hook))
    }

    /// What the ledger says: the plugin code that a worker is in.
    private func inHook(_ slot: Int) -> (plugin: Int, point: HookPoint, name: String)? {
        let ledger = scoreboard[slot][lane: 0].ledger
        let index = Int(ledger >> 32) - 1
        guard plugins.indices.contains(index), let point = HookPoint(rawValue: UInt32(truncatingIfNeeded: ledger))
        else { return nil }
        return (index, point, "hook \(point.name) of plugin \(name(index))")
    }

    /// The plugin code in which a worker ended: counted, and the plugin's breaker is told.
    private func endedInHook(_ slot: Int, _ exit: ExitStatus) -> String? {
        guard let hook = inHook(slot) else { return nil }
        let outcome: HookOutcome =
            switch exit {
            case .exited(let code): .exited(code)
            case .signaled(.kill) where overran.contains(slot): .timedOut
            case .signaled(let signal): .crashed(signal)
            }
        hooks?.count(name(hook.plugin), hook.point, outcome)
        return hook.name
    }

    private func name(_ index: Int) -> String {
        (try? PluginDescription(decoding: plugins[index].description))?.id ?? ""
    }

    /// Workers that are in plugin code for longer than its point allows.
    private func overruns(_ now: UInt64) -> [(slot: Int, hook: String)] {
        workers.keys.compactMap { slot in
            let since = scoreboard[slot][lane: 0].ledgerSince
            guard let hook = inHook(slot), now > since, now - since > hook.point.timeLimit
            else { return nil }
            overran.insert(slot)
            return (slot, hook.name)
        }
    }

    /// Children that are not ours by start: as process 1 of a container the master inherits those of the applications.
    private func reapOrphans() {
        orphansMayWait = false
        var known = Set(workers.values.map(\.pid))
        if let exporter = exporter?.process { known.insert(exporter.pid) }
        known.formUnion(hooks?.pids ?? [])
        while let (pid, status) = ChildProcess.reapUnknown(besides: known) {
            log.debug("Reaped unknown child process (pid:\(pid), status:\(status.phrase))")
        }
    }

    private var heartbeats: [Int: UInt64] {
        Dictionary(uniqueKeysWithValues: workers.keys.map { ($0, scoreboard[$0].heartbeat) })
    }

    private func take(_ signal: Signal) {
        if signal == .child {
            orphansMayWait = true
            return log.debug("Handling signal: cld")
        }
        log.info("Handling signal: \(signal.shortName)")
        switch signal {
        case .terminate: handle(.stop(graceful: true))
        case .interrupt, .quit: handle(.stop(graceful: false))
        case .hangup:
            log.info("Hang up: Master")
            handle(.reload)
        case .ttyIn: handle(.addWorker)
        case .ttyOut: handle(.removeWorker)
        default: break
        }
    }

    private func handle(_ event: SupervisorEvent) {
        perform(supervisor.handle(event, now: MonotonicClock.now()))
    }

    /// Performs in order. What an action leads to comes after all that was decided before it.
    func perform(_ actions: [SupervisorAction]) {
        waitingActions += actions
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        while !waitingActions.isEmpty {
            let action = waitingActions.removeFirst()
            switch action {
            case .spawn(let slot, let age, let generation):
                if supervisor.wants(slot: slot, age: age) { spawn(slot, age, generation) }
            case .signal(let slot, let signal):
                if let worker = workers[slot] { signal.send(to: worker.pid) }
            case .markAborting(let slot): scoreboard[slot].state = .aborting
            case .log(let level, let message): log.write(level, message)
            case .closeListeners: closeListeners(removingSockets: false)
            case .finish(let status): self.status = status
            }
        }
    }

    private func spawn(_ slot: Int, _ age: UInt64, _ generation: UInt64) {
        scoreboard[slot].claim(age: age, generation: generation)
        do {
            let description = try children.worker(
                program, slot: slot, age: age, generation: generation, listeners: listeners, plugins: plugins)
            let worker = try ChildProcess.spawn(description)
            workers[slot] = worker
            handle(.spawned(slot: slot, pid: worker.pid))
        } catch {
            scoreboard[slot].release()
            handle(.spawnFailed(slot: slot, reason: "\(error)"))
        }
    }
}
