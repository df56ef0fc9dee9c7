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

    private(set) var limits: Limits
    /// How many workers the settings ask for; TTIN and TTOU change that until the next reload.
    private(set) var configured: Int
    /// How many workers there should be.
    package internal(set) var target: Int
    /// The generation that serves.
    package internal(set) var generation: UInt64 = 1
    var workers: [Int: Worker] = [:]
    var phase = Phase.running
    /// The generation that is being brought up to take over.
    var incoming: UInt64?
    var lastGeneration: UInt64 = 1
    var reloadBegan: UInt64 = 0
    /// Why the last reload was given up; empty before any was.
    var reloadFailure = ""
    private var nextAge: UInt64 = 1
    /// A worker has served since the start.
    var hasServed = false
    var boots: BootBudget
    var memory = MemoryView()
    /// nil: the number of workers does not follow the load.
    var adaptive: AdaptiveCount?
    private var forks = ForkDenials()

    /// `range`: where the number of workers follows the load.
    package init(workers: Int, limits: Limits, range: ClosedRange<Int>? = nil) {
        target = workers
        configured = workers
        self.limits = limits
        boots = BootBudget(retries: limits.bootRetries)
        adaptive = range.map { AdaptiveCount(range: $0) }
    }

    /// Goes by other settings from now on; the next reload brings the number of workers.
    mutating func configure(workers: Int, limits: Limits) {
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
            workers[slot]?.startedAt = now
        case .spawnFailed(let slot, let reason):
            actions.append(.log(.error, "A worker cannot be started: \(reason)"))
            guard let worker = workers.removeValue(forKey: slot), isRunning else { break }
            bootFailed(worker, now, &actions, "it could not be started")
        case .seedEnded(let generation, let wasLoaded, let reason):
            seedEnded(generation, wasLoaded: wasLoaded, reason, now, &actions)
        case .forkDenied(let slot, let reason):
            guard let worker = workers.removeValue(forKey: slot), isRunning else { break }
            forks.denied(worker.startedAt, reason, now, &actions)
            if worker.generation == incoming, limits.boot > 0, now - reloadBegan > limits.boot {
                abandonReload(reason, now, &actions)
            }
        case .ready(let slot): becomeReady(slot)
        case .exited(let slot, let status, let hook): exited(slot, status, hook, now, &actions)
        case .overran(let slot, let hook):
            guard let worker = workers[slot] else { break }
            workers[slot]?.order(.plugin)
            actions.append(.log(.error, "Worker (pid:\(worker.pid ?? 0)) is in \(hook) for too long; it is killed"))
            actions.append(.signal(slot: slot, .kill))
        case .overdue(let slot): abortOverdue(slot, now, &actions)
        case .tick(let heartbeats): enforceLimits(heartbeats, now, &actions)
        case .reload: reload(now, &actions)
        case .addWorker: changeTarget(by: 1, &actions)
        case .removeWorker: changeTarget(by: -1, &actions)
        case .restart(let slot, let reason), .retire(let slot, let reason): retire(slot, reason, now, &actions)
        case .memory(let resident, let room): measure(resident, room: room, now, &actions)
        case .load(let load): follow(load, &actions)
        case .dismiss: dismiss(now, &actions)
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
        boots.succeeded()
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

    mutating func bootFailed(
        _ worker: Worker, _ now: UInt64, _ actions: inout [SupervisorAction], _ reason: String
    ) {
        if let incoming {
            // One of the old generation says nothing about the new one, which is there to replace it.
            if worker.generation == incoming { abandonReload(reason, now, &actions) }
            return
        }
        sayOverdue(&actions)
        switch boots.failed(startedAt: worker.startedAt, hasServed: hasServed, now: now) {
        case .known: break
        case .again(let delay):
            guard boots.failures > 1 else { break }
            actions.append(
                .log(
                    .warning,
                    "Workers fail to boot (\(boots.failures) in a row); the next try is in \(delay / 1_000_000) ms"))
        case .spent:
            let cause = "Workers failed to boot \(boots.failures) times, and none has served (boot_retries); \(reason)"
            halt(status: 3, cause, now, &actions)
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
        // What is not there yet is for its seed to bring, in time.
        for (slot, worker) in inOrder where worker.pid != nil {
            if case .stopping(let killAt) = worker.stage {
                if now >= killAt || worker.isStuck(heartbeat: heartbeats[slot] ?? 0, now) {
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
        let allowed = adaptive?.range ?? 1...max(1, limits.slots / 2)
        guard allowed.contains(target + change) || target == 0 && change > 0 else {
            if change > 0 { actions.append(.log(.warning, "No more than \(target) workers are possible")) }
            return
        }
        target += change
    }

    private var wanted: UInt64 { incoming ?? generation }

    private var mayForkAt: UInt64 { max(boots.notBefore, forks.notBefore) }

    private var wantsSpawn: Bool {
        isRunning && workers.values.count { $0.generation == wanted && $0.holdsPlace } < target
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

    /// Starts what is missing, ends what is too many: those that are replaced, then the oldest, as gunicorn does.
    private mutating func manage(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        if case .stopping(_, let status) = phase, workers.isEmpty {
            phase = .finished
            actions.append(.finish(status: status))
        }
        finishReload(now, &actions)
        recycle(now, &actions)
        while wantsSpawn, now >= mayForkAt, let slot = freeSlot {
            workers[slot] = Worker(age: nextAge, generation: wanted, startedAt: now)
            actions.append(.spawn(slot: slot, age: nextAge, generation: wanted))
            nextAge += 1
        }
        guard isRunning, incoming == nil else { return }
        // One that boots takes nobody's place yet.
        let serving = inOrder.filter { $0.worker.generation == wanted && $0.worker.isServing }
        guard serving.count > target else { return }
        let first = serving.filter(\.worker.isBeingReplaced) + serving.filter { !$0.worker.isBeingReplaced }
        for (slot, worker) in first.prefix(serving.count - target) {
            let reason = worker.isBeingReplaced ? worker.retirement : nil
            end(slot, .terminate, reason ?? .ttou, now, &actions)
        }
    }

    var inOrder: [(slot: Int, worker: Worker)] {
        workers.sorted { $0.value.age < $1.value.age }.map { ($0.key, $0.value) }
    }
}
