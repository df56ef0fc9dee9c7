import TalonPlatform
import TalonSettings

/// What the master reads of its workers once a second, if the settings have a use for it.
struct WorkerSampling {
    /// CLOCK_MONOTONIC, nanoseconds.
    var nextAt: UInt64 = 0
    /// Found when it is asked for first.
    lazy var group = ControlGroup()
    /// Requests that each worker had begun at the last reading, by age.
    private var begun: [UInt64: UInt64] = [:]

    /// Requests that have begun since the last reading, of these workers: by age, all that each has begun.
    mutating func newRequests(_ counts: [UInt64: UInt64]) -> Int {
        let sum = counts.reduce(UInt64(0)) { $0 &+ ($1.value &- min($1.value, begun[$1.key] ?? 0)) }
        begun = counts
        return Int(clamping: sum)
    }
}

extension Master {
    private static let samplingInterval = nanosecondsPerSecond

    /// What a worker wishes becomes an event.
    func hearWish(_ slot: Int) {
        guard let reason = scoreboard[slot].wish.retirement, !supervisor.isRetiring(slot) else { return }
        handle(.retire(slot: slot, reason))
    }

    /// Memory and load, once a second.
    func sampleWorkers(_ now: UInt64) {
        guard now >= sampling.nextAt, supervisor.isRunning else { return }
        sampling.nextAt = now + Master.samplingInterval
        if settings.maxRequests > 0 || settings.maxWorkerMemory > 0 || settings.maxWorkerMemoryHard > 0 {
            let resident = workers.compactMapValues { ProcessUsage.residentBytes(of: $0.pid) }
            handle(.memory(resident: resident, room: sampling.group.memoryRoom))
        }
        if settings.workerRange != nil { handle(.load(load())) }
    }

    /// Connections that wait at the listeners that all workers share.
    func waitingConnections() -> Int {
        var count = 0
        for listener in sharedListeners where !untoldQueues.contains(listener.address) {
            if let queue = try? listener.acceptQueue() {
                count += Int(queue.length)
            } else {
                untoldQueues.insert(listener.address)
            }
        }
        return count
    }

    /// Connections that wait at the listeners, requests that wait in workers, and the threads that answer them.
    private func load() -> WorkerLoad {
        var load = WorkerLoad()
        load.waiting = waitingConnections()
        var counts: [UInt64: UInt64] = [:]
        for (slot, worker) in workers where scoreboard[slot].pid == worker.pid {
            let record = scoreboard[slot]
            counts[worker.age] = record.requests
            guard record.state == .ready else { continue }
            let lanes = record.applicationLanes
            load.threads += lanes.count
            load.busy += lanes.count { $0.requestSince > 0 }
            load.waiting += max(0, min(max(0, record.lent), settings.workerConnections) - lanes.count)
        }
        load.begun = sampling.newRequests(counts)
        return load
    }
}

extension WorkerFarewell {
    /// Why a worker is to be replaced that wishes so; nil for what is no such wish: workers can write anything there.
    fileprivate var retirement: ExitReason? {
        switch self {
        case .maxRequests: .maxRequests
        case .memory: .memory
        case .plugin: .plugin
        default: nil
        }
    }
}
