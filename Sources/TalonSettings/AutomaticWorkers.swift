import TalonPlatform

/// How many workers `auto` is.
package struct AutomaticWorkers: Sendable, Equatable {
    /// CPUs' worth of time: of the machine, the affinity, the control group's quota; the smallest.
    package var cpus: Double
    /// Bytes: of the machine or the control group.
    package var memory: UInt64

    package init(cpus: Double, memory: UInt64) {
        self.cpus = cpus
        self.memory = memory
    }

    /// What this process has.
    package static var here: AutomaticWorkers {
        let group = ControlGroup()
        let cpus = Double(Machine.cpuCount)
        return AutomaticWorkers(
            cpus: min(cpus, group.cpuLimit ?? cpus), memory: min(Machine.memory, group.memoryLimit ?? .max))
    }

    /// Memory that each worker must find, at the least.
    static let memoryOfOne: UInt64 = 64 << 20

    /// gunicorn's advice, 2 for each CPU and 1, where a worker runs one request at a time; 1 for each CPU where it has
    /// threads to fill the waiting. A part of a CPU counts as one. Not more than have 64 MiB each, and never less than 1.
    package func count(threads: Int) -> Int {
        let whole = max(1, Int(cpus.rounded(.up)))
        let byCPU = threads > 1 ? whole : 2 * whole + 1
        let byMemory = Int(clamping: memory / AutomaticWorkers.memoryOfOne)
        return max(1, min(byCPU, byMemory))
    }
}
