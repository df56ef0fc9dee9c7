import TalonMetrics
import TalonPlatform

/// The families about each worker that are read at each scrape, not stored: what it uses and what it does now.
///
/// So an idle worker is seen as it is. Of one that is gone only its state is left, which is 0 in every label, until
/// its slot has another.
struct LiveWorkers {
    /// CPU use of each worker at its last reading, by age: a pid may come again.
    private var readings: [UInt64: (usage: ProcessUsage, at: UInt64, percent: Double)] = [:]

    /// A second scrape within this time repeats the CPU use of the first: two readings so close say nothing.
    private static let shortestInterval = nanosecondsPerSecond

    /// One sample for each worker and family.
    mutating func families(_ slots: [SlotReading]) -> [MetricFamily] {
        var memory: [Sample] = []
        var cpu: [Sample] = []
        var uptime: [Sample] = []
        var states: [Sample] = []
        var information: [Sample] = []
        var counts: [WorkerState: Int] = [:]
        typealias Families = WorkerFamilies
        for slot in slots {
            let id = Label("worker_id", Families.workerID(slot: slot.index))
            let label = slot.stateLabel
            for name in Families.states {
                let labels = [id, Label("state", name)]
                states.append(Sample(name: Families.state.name, labels: labels, value: label == name ? 1 : 0))
            }
            counts[slot.state, default: 0] += 1
            guard let usage = slot.usage else { continue }
            memory.append(Sample(name: Families.memory.name, labels: [id], value: Double(usage.residentBytes)))
            cpu.append(Sample(name: Families.cpu.name, labels: [id], value: percent(slot, usage)))
            uptime.append(Sample(name: Families.uptime.name, labels: [id], value: Double(slot.lifetime) / 1e9))
            let facts = [
                Label("age", "\(slot.age)"), Label("generation", "\(slot.generation)"), Label("pid", "\(slot.pid)"), id,
            ]
            information.append(Sample(name: Families.info.name, labels: facts, value: 1))
        }
        let live = Set(slots.map(\.age))
        readings = readings.filter { live.contains($0.key) }
        let workers = ServerFamilies.workers
        let phases: [(WorkerState, String)] = [
            (.booting, "booting"), (.ready, "ready"), (.quitting, "quitting"), (.aborting, "aborting"),
        ]
        let byState = phases.map {
            Sample(name: workers.name, labels: [Label("state", $0.1)], value: Double(counts[$0.0] ?? 0))
        }
        return [
            .gauge(Families.memory, memory), .gauge(Families.cpu, cpu), .gauge(Families.uptime, uptime),
            .gauge(Families.state, states), .gauge(workers, byState),
            MetricFamily(name: Families.info.name, type: .info, help: Families.info.help, samples: information),
        ]
    }

    /// CPU use since the last reading; since its start, the first time.
    private mutating func percent(_ slot: SlotReading, _ usage: ProcessUsage) -> Double {
        let now = MonotonicClock.now()
        guard let last = readings[slot.age] else {
            let percent = usage.cpuPercent(since: .none, elapsed: slot.lifetime)
            readings[slot.age] = (usage, now, percent)
            return percent
        }
        guard now - last.at >= LiveWorkers.shortestInterval else { return last.percent }
        let percent = usage.cpuPercent(since: last.usage, elapsed: now - last.at)
        readings[slot.age] = (usage, now, percent)
        return percent
    }
}

extension SlotReading {
    /// The value of the label `state`; a worker that boots runs already, and one that is gone has none.
    fileprivate var stateLabel: String? {
        switch state {
        case .free: nil
        case .booting, .ready: "running"
        // Told to abort by the master, or by somebody else.
        case .quitting: farewell == .abort ? "aborting" : "quitting"
        case .aborting: "aborting"
        }
    }
}
