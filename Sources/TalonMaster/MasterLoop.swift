import TalonHooks
import TalonMetrics
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
            let ready = PollSet.wait(
                for: watched, control?.watched ?? [], timeoutMilliseconds: timeout(until: nextTick))
            for descriptor in ready { handle(descriptor) }
            control?.proceed()
            let now = MonotonicClock.now()
            hooks?.maintain(now: now)
            exporter?.maintain(now: now)
            maintainSeeds(now: now)
            service?.maintain(now: now)
            measure(now)
            tellStatsD(now)
            sampleWorkers(now)
            proceedWithStop(now)
            reloadIfChanged(now)
            if orphansMayWait || now >= nextTick { reapOrphans() }
            if now >= nextTick || supervisor.nextDeadline.map({ now >= $0 }) == true {
                nextTick = now + Master.tick
                handle(.tick(heartbeats: heartbeats))
                for slot in overdue(now) { handle(.overdue(slot: slot)) }
                for (slot, hook) in overruns(now) { handle(.overran(slot: slot, hook: hook)) }
                hooks?.showBreakers(of: pluginSet)
                promote()
            }
            performRequests()
            if needsTidying { tidyPlugins() }
        }
    }

    private var watched: [FileDescriptor] {
        var all = [signals.descriptor, bell.descriptor]
        all += workers.values.map(\.process.descriptor)
        if let exporter = exporter?.process { all.append(exporter.descriptor) }
        if let successor { all.append(successor.descriptor) }
        all += seeds.descriptors
        all += sources?.descriptors ?? []
        return all + (hooks?.runners.descriptors ?? [])
    }

    /// Milliseconds until something is due, rounded up.
    private func timeout(until tick: UInt64) -> Int32 {
        guard requests.isEmpty else { return 0 }
        let due = [
            tick, supervisor.nextDeadline, hooks?.nextDeadline, exporter?.nextDeadline, seeds.nextDeadline,
            control?.nextDeadline, service?.nextDeadline, stopDeadline, sources?.nextDeadline,
        ].compactMap { $0 }
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
                hearWish(slot)
            }
        } else if descriptor == exporter?.process?.descriptor {
            noteExporterUsage()
            exporter?.ended()
        } else if descriptor == successor?.descriptor {
            successorEnded()
        } else if let slot = workers.first(where: { $0.value.process.descriptor == descriptor })?.key {
            reap(slot)
        } else if let seed = seeds.of(descriptor) {
            seedReadable(seed)
        } else if control?.ready(descriptor) != true {
            hooks?.runners.readable(descriptor)
        }
    }

    private func reap(_ slot: Int) {
        guard let worker = workers[slot] else { return }
        let usage = ProcessUsage.of(worker.pid)
        guard let exit = worker.process.reap() else { return }
        workers[slot] = nil
        tally.ended += 1
        if exit == .exited(0), scoreboard[slot].state == .booting {
            log.error("Worker (pid:\(worker.pid)) ended before it was ready; its program is \(program.path)")
        }
        let hook = settleEnd(slot, worker, exit)
        let facts = worker.facts(
            slot: slot, HookFacts.Exit(exit, inHook: hook != nil, isLate: scoreboard[slot].state == .aborting))
        let end = end(of: slot, exit, inHook: hook != nil)
        countEnd(slot, end, usage)
        record(slot, worker, end, hook: hook)
        if settings.metricsEnabled { LiveGauges.remove(identifier: "\(slot)", directory: settings.metricsDirectory) }
        scoreboard[slot].release()
        hooks?.announce(.childExit, pluginSet(of: worker.generation), worker: facts)
        needsTidying = true
        handle(.exited(slot: slot, exit, inHook: hook))
    }

    /// Children that are not ours by start: the master adopts what the applications' processes leave behind.
    private func reapOrphans() {
        orphansMayWait = false
        let known = knownPids
        while let (pid, status) = ChildProcess.reapUnknown(besides: known) {
            elders.remove(pid)
            log.debug("Reaped unknown child process (pid:\(pid), status:\(status.phrase))")
        }
    }

    /// The children that this master has started, or had started for it.
    var knownPids: Set<Int32> {
        var known = Set(workers.values.map(\.pid))
        if let exporter = exporter?.process { known.insert(exporter.pid) }
        if let successor { known.insert(successor.pid) }
        known.formUnion(seeds.pids)
        known.formUnion(hooks?.runners.pids ?? [])
        return known
    }

    private var heartbeats: [Int: UInt64] {
        Dictionary(uniqueKeysWithValues: workers.keys.map { ($0, scoreboard[$0].heartbeat) })
    }

    private func take(_ signal: Signal) {
        metrics?.count(signal)
        if signal == .child {
            orphansMayWait = true
            return log.debug("Handling signal: cld")
        }
        log.info("Handling signal: \(signal.shortName)")
        switch signal {
        case .terminate: stop(graceful: true)
        case .interrupt, .quit: stop(graceful: false)
        case .hangup:
            log.info("Hang up: Master")
            rewritePidFile()
            reload()
        case .user1: reopenLogs()
        case .user2: upgrade()
        case .ttyIn: handle(.addWorker)
        case .ttyOut: handle(.removeWorker)
        case .windowChange where settings.isDaemon: handle(.dismiss)
        case .windowChange: log.debug("SIGWINCH ignored. Not daemonized")
        default: break
        }
    }

    func handle(_ event: SupervisorEvent) {
        let before = (supervisor.generation, supervisor.incoming)
        let actions = supervisor.handle(event, now: MonotonicClock.now())
        followSupervisor()
        if before != (supervisor.generation, supervisor.incoming) { needsTidying = true }
        retireSeeds()
        announceWorkers(supervisor.target, in: pluginSet)
        perform(actions)
        tellState()
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
                guard let worker = workers[slot] else { break }
                // It may be in a request for long before it sees the signal, and says so itself.
                let asksToStop = signal == .terminate || signal == .quit
                if asksToStop, scoreboard[slot].state == .ready { scoreboard[slot].state = .quitting }
                signal.send(to: worker.pid)
            case .markAborting(let slot):
                scoreboard[slot].state = .aborting
                showStuck(slot)
            case .log(let level, let message): log.write(level, message)
            case .closeListeners:
                runOnStopping()  // of a server that halts by itself
                endListening()
            case .finish(let status): self.status = status
            }
        }
    }

    private func spawn(_ slot: Int, _ age: UInt64, _ generation: UInt64) {
        if let interpreter = seedInterpreter {
            return spawnFromSeed(SeedProcess.Request(slot: slot, age: age), generation, interpreter)
        }
        guard mayFork(slot, age, generation) else { return }
        scoreboard[slot].claim(age: age, generation: generation)
        do {
            let description = try withWorkerListeners { listeners throws(SystemError) in
                try children.worker(
                    program, slot: slot, age: age, generation: generation, listeners: listeners,
                    plugins: pluginSet(of: generation))
            }
            started(try ChildProcess.spawn(description), slot, age, generation)
        } catch {
            scoreboard[slot].release()
            handle(.spawnFailed(slot: slot, reason: "\(error)"))
        }
    }

    /// Runs the hooks of `pre_fork`. False if one of them says no.
    func mayFork(_ slot: Int, _ age: UInt64, _ generation: UInt64) -> Bool {
        let facts = HookFacts.Worker(
            slot: UInt32(truncatingIfNeeded: slot), age: age, pid: 0,
            generation: UInt32(truncatingIfNeeded: generation))
        let verdict = hooks?.run(.preFork, pluginSet(of: generation), worker: facts)
        guard let reason = verdict?.reason(.preFork) else { return true }
        handle(.forkDenied(slot: slot, reason: reason))
        return false
    }

    /// A worker's process is there.
    func started(_ worker: ChildProcess, _ slot: Int, _ age: UInt64, _ generation: UInt64) {
        workers[slot] = RunningWorker(process: worker, age: age, generation: generation)
        tally.spawned += 1
        metrics?.workerStarted()
        handle(.spawned(slot: slot, pid: worker.pid))
    }
}

extension HookFacts.Exit {
    /// `inHook`: in plugin code; `isLate`: it was silent for too long, and was told to abort.
    init(_ status: ExitStatus, inHook: Bool, isLate: Bool) {
        var reason: String
        switch status {
        case .exited(let code):
            self.init(status: code, signal: 0, reason: "")
            reason = "exit_code"
        case .signaled(let signal):
            self.init(status: -1, signal: signal.rawValue, reason: "")
            reason = "signal"
        }
        if inHook { reason = "hook" }
        if isLate { reason = "timeout" }
        self.reason = reason
    }
}
