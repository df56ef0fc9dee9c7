import TalonPlatform

/// Decides which workers live. Events in, actions out: it does nothing itself and reads no clock.
///
/// Times are nanoseconds of one clock, the caller's.
package struct SupervisorStateMachine: Sendable {
    enum Phase: Sendable {
        case running
        case stopping(quick: Bool, status: Int32)
        case finished
    }

    let limits: Limits
    /// How many workers the settings ask for; TTIN and TTOU change that until the next reload.
    let configured: Int
    /// How many workers there should be.
    package internal(set) var target: Int
    /// The generation that serves.
    package internal(set) var generation: UInt64 = 1
    var workers: [Int: Worker] = [:]
    var phase = Phase.running
    /// The generation that is being brought up to take over.
    var incoming: UInt64?
    var lastGeneration: UInt64 = 1
    /// Why the last reload was given up; empty before any was.
    var reloadFailure = ""
    private var nextAge: UInt64 = 1
    /// A worker has served since the start.
    private var hasServed = false
    var bootFailures = 0
    /// After a failure at boot, no worker is started before.
    var spawnNotBefore: UInt64 = 0
    private var forks = ForkDenials()

    package init(workers: Int, limits: Limits) {
        target = workers
        configured = workers
        self.limits = limits
    }

    /// The earliest time at which a tick is needed for more than a heartbeat's sake; nil if there is none.
    package var nextDeadline: UInt64? {
        // Without a free slot time changes nothing: the next worker's end does.
        var times: [UInt64] = wantsSpawn && freeSlot != nil ? [mayForkAt] : []
        for worker in workers.values {
            if case .stopping(let killAt) = worker.stage { times.append(killAt) }
        }
        return times.min()
    }

    /// Takes an event at the time `now`.
    package mutating func handle(_ event: SupervisorEvent, now: UInt64) -> [SupervisorAction] {
        var actions: [SupervisorAction] = []
        switch event {
        case .start: break
        case .spawned(let slot, let pid):
            workers[slot]?.pid = pid
            if let worker = workers[slot] { forks.allowed(worker.startedAt, &actions) }
        case .spawnFailed(let slot, let reason):
            actions.append(.log(.error, "A worker cannot be started: \(reason)"))
            guard let worker = workers.removeValue(forKey: slot), isRunning else { break }
            bootFailed(worker, now, &actions, "it could not be started")
        case .forkDenied(let slot, let reason):
            guard let worker = workers.removeValue(forKey: slot), isRunning else { break }
            forks.denied(worker.startedAt, reason, now, &actions)
        case .ready(let slot): becomeReady(slot)
        case .exited(let slot, let status, let hook): exited(slot, status, hook, now, &actions)
        case .overran(let slot, let hook):
            guard let worker = workers[slot] else { break }
            workers[slot]?.order(.plugin)
            actions.append(.log(.error, "Worker (pid:\(worker.pid ?? 0)) is in \(hook) for too long; it is killed"))
            actions.append(.signal(slot: slot, .kill))
        case .tick(let heartbeats): enforceLimits(heartbeats, now, &actions)
        case .reload: reload(now, &actions)
        case .addWorker: changeTarget(by: 1, &actions)
        case .removeWorker: changeTarget(by: -1, &actions)
        case .restart(let slot, let reason):
            guard isRunning, workers[slot]?.isStopping == false else { break }
            end(slot, .terminate, reason, now, &actions)
        case .stop(let graceful): stop(graceful: graceful, now, &actions)
        }
        manage(now, &actions)
        return actions
    }

    // MARK: Workers

    private mutating func becomeReady(_ slot: Int) {
        guard case .booting? = workers[slot]?.stage else { return }
        workers[slot]?.stage = .serving
        hasServed = true
        bootFailures = 0
    }

    private mutating func exited(
        _ slot: Int, _ status: ExitStatus, _ hook: String?, _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        guard let worker = workers.removeValue(forKey: slot) else { return }
        let pid = worker.pid ?? 0
        actions += ExitReport.lines(pid: pid, status: status, hook: hook)
        guard case .booting = worker.stage, isRunning else { return }
        let reason =
            worker.abortedAt == nil
            ? "worker (pid:\(pid)) \(status.phrase) before it was ready"
            : "worker (pid:\(pid)) was not ready within boot_timeout (\(limits.boot / nanosecondsPerSecond) s)"
        if worker.generation != incoming, !hasServed, hook == nil, case .exited(let code) = status,
            let cause = ExitReport.bootFailure(code)
        {
            halt(status: code, cause, now, &actions)
        } else {
            bootFailed(worker, now, &actions, reason)
        }
    }

    private mutating func bootFailed(
        _ worker: Worker, _ now: UInt64, _ actions: inout [SupervisorAction], _ reason: String
    ) {
        if let incoming {
            // One of the old generation says nothing about the new one, which is there to replace it.
            if worker.generation == incoming { abandonReload(reason, now, &actions) }
            return
        }
        // Workers that were started together and fail together are one failure.
        guard worker.startedAt >= spawnNotBefore else { return }
        let delay = BackOff.delay(failures: bootFailures)
        bootFailures += 1
        spawnNotBefore = now + delay
        if bootFailures > 1 {
            actions.append(
                .log(
                    .warning,
                    "Workers fail to boot (\(bootFailures) in a row); the next try is in \(delay / 1_000_000) ms"))
        }
    }

    /// Tells a worker to end, and kills it if it does not in time.
    mutating func end(
        _ slot: Int, _ signal: Signal, _ reason: ExitReason, _ now: UInt64, _ actions: inout [SupervisorAction],
        within time: UInt64? = nil
    ) {
        guard let worker = workers[slot] else { return }
        guard worker.pid != nil else {
            // It was to be started and is not yet: nobody would ever report its end.
            workers[slot] = nil
            return
        }
        var killAt = now + (time ?? limits.graceful)
        if case .stopping(let earlier) = worker.stage { killAt = min(killAt, earlier) }
        workers[slot]?.stage = .stopping(killAt: killAt)
        workers[slot]?.order(reason)
        actions.append(.signal(slot: slot, signal))
    }

    private mutating func enforceLimits(
        _ heartbeats: [Int: UInt64], _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        for (slot, worker) in inOrder {
            if case .stopping(let killAt) = worker.stage {
                if now >= killAt {
                    workers[slot]?.stage = .stopping(killAt: now + nanosecondsPerSecond)
                    actions.append(.signal(slot: slot, .kill))
                }
                continue
            }
            if let abortedAt = worker.abortedAt {
                // A tick may come early, for another worker's sake; this one has its second to say where it hangs.
                if now >= abortedAt + nanosecondsPerSecond { actions.append(.signal(slot: slot, .kill)) }
                continue
            }
            let limit = worker.isServing ? limits.timeout : limits.boot
            let since = worker.isServing ? max(heartbeats[slot] ?? 0, worker.startedAt) : worker.startedAt
            guard limit > 0, now > since, now - since > limit else { continue }
            workers[slot]?.abortedAt = now
            workers[slot]?.order(.timeout)
            let what = worker.isServing ? "" : ": not ready within boot_timeout"
            actions.append(.log(.critical, "WORKER TIMEOUT (pid:\(worker.pid ?? 0))\(what)"))
            actions.append(.markAborting(slot: slot))
            actions.append(.signal(slot: slot, .abort))
        }
    }

    // MARK: Count

    private mutating func changeTarget(by change: Int, _ actions: inout [SupervisorAction]) {
        guard isRunning else { return }
        // Twice the workers must find room, for a reload.
        guard target + change >= 1, (target + change) * 2 <= limits.slots else {
            if change > 0 { actions.append(.log(.warning, "No more than \(target) workers are possible")) }
            return
        }
        target += change
    }

    private var wanted: UInt64 { incoming ?? generation }

    private var mayForkAt: UInt64 { max(spawnNotBefore, forks.notBefore) }

    private var wantsSpawn: Bool {
        isRunning && workers.values.count { $0.generation == wanted && !$0.isStopping } < target
    }

    /// Whether a worker that was to be started still is: what came between may have ended it.
    package func wants(slot: Int, age: UInt64) -> Bool {
        guard let worker = workers[slot], worker.age == age, case .booting = worker.stage else { return false }
        return worker.pid == nil
    }

    /// What is known here of the end of a worker that is gone, before it is told of that.
    func order(_ slot: Int) -> (reason: ExitReason?, isBooting: Bool) {
        guard let worker = workers[slot] else { return (nil, false) }
        return (worker.orderedEnd, worker.isBooting)
    }

    /// Whether a worker was told to end.
    package func isStopping(_ slot: Int) -> Bool { workers[slot]?.isStopping ?? false }

    private var freeSlot: Int? { (0..<limits.slots).first { workers[$0] == nil } }

    /// Starts what is missing, ends what is too many: the oldest first, as gunicorn does.
    private mutating func manage(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        if case .stopping(_, let status) = phase, workers.isEmpty {
            phase = .finished
            actions.append(.finish(status: status))
        }
        finishReload(now, &actions)
        while wantsSpawn, now >= mayForkAt, let slot = freeSlot {
            workers[slot] = Worker(age: nextAge, generation: wanted, startedAt: now)
            actions.append(.spawn(slot: slot, age: nextAge, generation: wanted))
            nextAge += 1
        }
        guard isRunning, incoming == nil else { return }
        // One that boots takes nobody's place yet.
        let serving = workers.values.count { $0.generation == wanted && $0.isServing }
        guard serving > target else { return }
        let oldest = inOrder.filter { $0.worker.generation == wanted && $0.worker.isServing }
        for (slot, _) in oldest.prefix(serving - target) { end(slot, .terminate, .ttou, now, &actions) }
    }

    var inOrder: [(slot: Int, worker: Worker)] {
        workers.sorted { $0.value.age < $1.value.age }.map { ($0.key, $0.value) }
    }
}
