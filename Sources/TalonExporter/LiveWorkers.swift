package import TalonMetrics
package import TalonPlatform

/// The families that are read at each scrape, not stored: what each worker uses and what it does now.
///
/// So an idle worker is seen as it is, and one that is gone is not seen at all.
package struct LiveWorkers {
    private let scoreboard: Scoreboard
    /// The last reading of each process, for its CPU use since then.
    private var readings: [Int32: (usage: ProcessUsage, at: UInt64, percent: Double)] = [:]

    /// A second scrape within this time repeats the CPU use of the first: two readings so close say nothing.
    private static let shortestInterval = nanosecondsPerSecond

    package init(scoreboard: Scoreboard) {
        self.scoreboard = scoreboard
    }

    /// One sample for each worker and family.
    package mutating func families() -> [MetricFamily] {
        var memory: [Sample] = []
        var cpu: [Sample] = []
        var uptime: [Sample] = []
        var states: [Sample] = []
        var information: [Sample] = []
        var seen: Set<Int32> = []
        typealias Families = WorkerFamilies
        for (index, slot) in scoreboard.slots.enumerated() {
            let (state, pid) = (slot.state, slot.pid)
            guard state != .free, pid > 0, let usage = ProcessUsage.of(pid) else { continue }
            seen.insert(pid)
            let id = Label("worker_id", Families.workerID(slot: index))
            let age = slot.startedAt
            let now = MonotonicClock.unixTime()
            let lifetime = now > age ? now - age : 0  // the clock may have been set back
            memory.append(Sample(name: Families.memory.name, labels: [id], value: Double(usage.residentBytes)))
            cpu.append(
                Sample(name: Families.cpu.name, labels: [id], value: percent(pid, usage, lifetime: lifetime)))
            uptime.append(Sample(name: Families.uptime.name, labels: [id], value: Double(lifetime) / 1e9))
            for name in Families.states {
                let labels = [id, Label("state", name)]
                states.append(
                    Sample(name: Families.state.name, labels: labels, value: state.label == name ? 1 : 0))
            }
            let facts = [
                Label("age", "\(slot.age)"), Label("generation", "\(slot.generation)"), Label("pid", "\(pid)"), id,
            ]
            information.append(Sample(name: Families.info.name, labels: facts, value: 1))
        }
        readings = readings.filter { seen.contains($0.key) }
        func gauge(_ family: Families.Name, _ samples: [Sample]) -> MetricFamily {
            MetricFamily(name: family.name, type: .gauge, help: family.help, samples: samples)
        }
        return [
            gauge(Families.memory, memory), gauge(Families.cpu, cpu), gauge(Families.uptime, uptime),
            gauge(Families.state, states),
            MetricFamily(name: Families.info.name, type: .info, help: Families.info.help, samples: information),
        ]
    }

    /// CPU use since the last reading; since its start, the first time.
    private mutating func percent(_ pid: Int32, _ usage: ProcessUsage, lifetime: UInt64) -> Double {
        let now = MonotonicClock.now()
        guard let last = readings[pid] else {
            let percent = usage.cpuPercent(since: .none, elapsed: lifetime)
            readings[pid] = (usage, now, percent)
            return percent
        }
        guard now - last.at >= LiveWorkers.shortestInterval else { return last.percent }
        let percent = usage.cpuPercent(since: last.usage, elapsed: now - last.at)
        readings[pid] = (usage, now, percent)
        return percent
    }
}

extension WorkerState {
    /// The value of the label `state`; a worker that boots runs already.
    fileprivate var label: String {
        switch self {
        case .free: ""
        case .booting, .ready: "running"
        case .quitting: "quitting"
        case .aborting: "aborting"
        }
    }
}
