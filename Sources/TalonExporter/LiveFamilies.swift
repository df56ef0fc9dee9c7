import TalonMetrics
import TalonPlatform
import TalonSettings

/// All families that are read at each scrape, not stored.
struct LiveFamilies {
    private let scoreboard: Scoreboard
    private let processes: LiveProcesses
    private let threads: LiveThreads
    private var workers = LiveWorkers()

    init(scoreboard: Scoreboard) {
        self.scoreboard = scoreboard
        processes = LiveProcesses(scoreboard: scoreboard)
        threads = LiveThreads(scoreboard: scoreboard)
    }

    mutating func families() -> [MetricFamily] {
        // Each process is read once for all families.
        let slots = (0..<scoreboard.slotCount).compactMap { SlotReading(scoreboard[$0], index: $0) }
        let build = ServerFamilies.build
        let version = Sample(name: build.name, labels: [Label("version", TalonVersion.text)], value: 1)
        return workers.families(slots) + threads.families() + processes.families(slots) + [.gauge(build, [version])]
    }
}

extension MetricFamily {
    static func gauge(_ family: WorkerFamilies.Name, _ samples: [Sample]) -> MetricFamily {
        MetricFamily(name: family.name, type: .gauge, help: family.help, samples: samples)
    }

    /// Of one series, without labels.
    static func gauge(_ family: WorkerFamilies.Name, _ value: Double) -> MetricFamily {
        .gauge(family, [Sample(name: family.name, value: value)])
    }
}
