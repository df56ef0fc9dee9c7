import TalonMetrics
import TalonPlatform

/// What the processes of the server use: the master, the exporter itself, and the workers.
///
/// The label `process` is `master`, `exporter` or `worker_<slot>`, so the series are bounded. CPU time is a counter,
/// which must not fall: for a place that another process has taken, that of the former ones is in it.
struct LiveProcesses {
    private let scoreboard: Scoreboard
    private let master = ThisProcess.parentPid

    init(scoreboard: Scoreboard) {
        self.scoreboard = scoreboard
    }

    func families(_ slots: [SlotReading]) -> [MetricFamily] {
        var table = Table()
        if let usage = ProcessUsage.of(master) {
            table.add("master", usage, cpuTime: usage.cpuTime, descriptors: ProcessUsage.openDescriptors(of: master))
        }
        if let usage = ProcessUsage.of(ThisProcess.pid) {
            let cpuTime = scoreboard.endedExporterCPUTime &+ usage.cpuTime
            let descriptors = ProcessUsage.openDescriptors(of: ThisProcess.pid)
            table.add("exporter", usage, cpuTime: cpuTime, descriptors: descriptors)
        }
        for slot in slots {
            let descriptors = slot.usage == nil ? nil : ProcessUsage.openDescriptors(of: slot.pid)
            let name = WorkerFamilies.workerID(slot: slot.index)
            table.add(name, slot.usage, cpuTime: slot.cpuTime, descriptors: descriptors)
        }
        return table.families
    }

    private struct Table {
        private var memory: [Sample] = []
        private var cpu: [Sample] = []
        private var descriptors: [Sample] = []
        private var threads: [Sample] = []

        mutating func add(_ process: String, _ usage: ProcessUsage?, cpuTime: UInt64?, descriptors count: Int?) {
            let labels = [Label("process", process)]
            typealias Families = ServerFamilies
            func add(_ value: Double?, _ family: Families.Name, to samples: inout [Sample]) {
                if let value { samples.append(Sample(name: family.name, labels: labels, value: value)) }
            }
            add(usage.map { Double($0.residentBytes) }, Families.memory, to: &memory)
            add(cpuTime.map { Double($0) / 1e9 }, Families.cpu, to: &cpu)
            add(count.map(Double.init), Families.descriptors, to: &descriptors)
            add(usage.map { Double($0.threads) }, Families.threads, to: &threads)
        }

        var families: [MetricFamily] {
            let time = ServerFamilies.cpu
            return [
                .gauge(ServerFamilies.memory, memory),
                MetricFamily(name: time.name, type: .counter, help: time.help, samples: cpu),
                .gauge(ServerFamilies.descriptors, descriptors), .gauge(ServerFamilies.threads, threads),
            ]
        }
    }
}
