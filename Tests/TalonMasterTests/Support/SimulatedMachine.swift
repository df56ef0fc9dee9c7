import TalonPlatform
import TalonTesting

@testable import TalonMaster

/// Processes that exist only in numbers: performs what a supervisor wants, and notes where that breaks a rule.
struct SimulatedMachine {
    /// What the kernel would know of a worker.
    struct Process {
        let age: UInt64
        var hasBooted = false
        /// Told to end, politely or not.
        var wasSignaled = false
        var wasKilled = false
    }

    private(set) var supervision: Supervision
    /// By slot.
    private var processes: [Process?]
    private(set) var violations: [String] = []
    private(set) var finished: Int32?
    /// Of what is to be started, this part cannot be.
    private var spawnFailures = 0.0
    private var waiting: [SupervisorAction] = []
    /// The supervisor has said that it stops.
    private(set) var hasStopped = false
    private var lastAge: UInt64 = 0
    /// The largest target since the last moment of rest.
    private var peak: Int
    private var random: FixedRandom

    init(workers: Int, slots: Int, seed: UInt64) {
        supervision = Supervision(workers, timeout: 30, graceful: 10, boot: 60, slots: slots)
        random = FixedRandom(seed: seed)
        peak = workers
        processes = Array(repeating: nil, count: slots)
    }

    var target: Int { supervision.machine.target }

    var processCount: Int { processes.count { $0 != nil } }

    // MARK: Events

    mutating func start() { take(.start) }

    /// One thing that can happen, in proportions that a server under stress may see.
    mutating func step() {
        let slot = Int.random(in: processes.indices, using: &random)
        spawnFailures = 0.1
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: boot(slot)
        case 30..<45: end(slot)
        case 45..<85: tick(seconds: Double.random(in: 0...2, using: &random))
        case 85..<87: take(.reload)
        case 87: take(.retire(slot: slot, .maxRequests))
        case 88..<93: take(.addWorker)
        case 93..<97: take(.removeWorker)
        case 97: Bool.random(using: &random) ? take(.restart(slot: slot)) : measure()
        case 98: tick(seconds: Double.random(in: 0...90, using: &random))
        default:
            if processes[slot] != nil { take(.overran(slot: slot, hook: "hook post_fork of plugin p")) }
        }
    }

    mutating func stop(graceful: Bool) { take(.stop(graceful: graceful)) }

    /// Nothing goes wrong any more: what was signalled ends, what boots gets ready, all hearts beat.
    mutating func rest() {
        for slot in processes.indices where processes[slot]?.wasSignaled == true { end(slot, .exited(0)) }
        for slot in processes.indices { boot(slot) }
        supervision.now += nanosecondsPerSecond
        let now = supervision.now
        spawnFailures = 0
        take(.tick(heartbeats: Dictionary(uniqueKeysWithValues: processes.indices.map { ($0, now) })))
    }

    private mutating func boot(_ slot: Int) {
        guard processes[slot]?.hasBooted == false, processes[slot]?.wasKilled == false else { return }
        processes[slot]?.hasBooted = true
        take(.ready(slot: slot))
    }

    private mutating func end(_ slot: Int) {
        let choices: [ExitStatus] = [.exited(0), .exited(1), .exited(3), .exited(4), .signaled(.kill)]
        end(slot, choices.randomElement(using: &random) ?? .exited(0))
    }

    private mutating func end(_ slot: Int, _ status: ExitStatus) {
        guard processes[slot] != nil else { return }
        processes[slot] = nil
        let inHook = Int.random(in: 0..<20, using: &random) == 0
        take(.exited(slot: slot, status, inHook: inHook ? "hook post_fork of plugin p" : nil))
    }

    private mutating func tick(seconds: Double) {
        supervision.now += UInt64(seconds * Double(nanosecondsPerSecond))
        var heartbeats: [Int: UInt64] = [:]
        for slot in processes.indices {
            // Some workers hang.
            let silence = Int.random(in: 0..<50, using: &random) == 0 ? 40 : UInt64(0)
            heartbeats[slot] = supervision.now - silence * nanosecondsPerSecond
        }
        take(.tick(heartbeats: heartbeats))
        // A deadline that a tick does not move on would have the master tick without end.
        if let deadline = supervision.machine.nextDeadline, deadline <= supervision.now {
            violations.append("after a tick, the next deadline is not in the future")
        }
    }

    /// The memory is read: there is room for no other worker, for some, or there is no limit.
    private mutating func measure() {
        let resident = Dictionary(
            uniqueKeysWithValues: processes.indices.filter { processes[$0] != nil }.map { ($0, UInt64(100)) })
        take(.memory(resident: resident, room: [nil, 50, 150, 1000].randomElement(using: &random) ?? nil))
    }

    // MARK: Actions

    private mutating func take(_ event: SupervisorEvent) {
        send(event)
        // As the master does: what an action leads to comes after all that was decided before it.
        while !waiting.isEmpty { perform(waiting.removeFirst()) }
        check()
    }

    private mutating func send(_ event: SupervisorEvent) {
        waiting += supervision.machine.handle(event, now: supervision.now)
    }

    private mutating func perform(_ action: SupervisorAction) {
        if finished != nil { violations.append("\(action) after the end") }
        switch action {
        case .spawn(let slot, let age, _):
            if hasStopped { violations.append("a worker is started after the stop") }
            guard processes.indices.contains(slot) else { return violations.append("there is no slot \(slot)") }
            if processes[slot] != nil { violations.append("a second worker is started in slot \(slot)") }
            if age != lastAge + 1 { violations.append("age \(age) follows \(lastAge)") }
            lastAge = age
            guard supervision.machine.wants(slot: slot, age: age) else { return }
            if Double.random(in: 0..<1, using: &random) < spawnFailures {
                return send(.forkDenied(slot: slot, reason: "no"))
            }
            if Double.random(in: 0..<1, using: &random) < spawnFailures {
                return send(.spawnFailed(slot: slot, reason: "fork: Resource temporarily unavailable"))
            }
            processes[slot] = Process(age: age)
            send(.spawned(slot: slot, pid: Supervision.pid(age)))
        case .signal(let slot, let signal):
            guard processes[slot] != nil else { return violations.append("\(signal.name) to empty slot \(slot)") }
            processes[slot]?.wasSignaled = true
            if signal == .kill { processes[slot]?.wasKilled = true }
        case .markAborting(let slot):
            if processes[slot] == nil { violations.append("empty slot \(slot) is marked") }
        case .closeListeners:
            if hasStopped { violations.append("the listeners are closed twice") }
            hasStopped = true
        case .finish(let status):
            if processCount > 0 { violations.append("the end comes before the last worker's") }
            finished = status
        case .log: break
        }
    }

    private mutating func check() {
        let workers = supervision.machine.workers
        if processes.indices.contains(where: { processes[$0]?.age != workers[$0]?.age }) {
            violations.append("the supervisor has other workers than the machine")
        }
        peak = max(peak, target)
        let active = workers.values.count { !$0.isStopping }
        // A quarter is being replaced, at the most.
        if active > 2 * peak + max(1, peak / 4) {
            violations.append("\(active) workers, and never more than \(peak) were wanted")
        }
        if supervision.machine.incoming == nil, active <= target { peak = target }
    }
}
