import CTalonPlugin

/// Facts as the C structs that hooks see. It is made once; a call only points to it. One thread at a time changes it.
package final class FactBlock {
    let server: UnsafeMutablePointer<talon_server>
    private let workerRecord: UnsafeMutablePointer<talon_worker>
    private let workersRecord: UnsafeMutablePointer<talon_workers>
    private var texts: [talon_str] = []
    private var hasWorker = false
    private var hasWorkers = false

    /// nil if the facts have none.
    var worker: UnsafePointer<talon_worker>? { hasWorker ? UnsafePointer(workerRecord) : nil }
    var workers: UnsafePointer<talon_workers>? { hasWorkers ? UnsafePointer(workersRecord) : nil }

    package init() {
        server = .allocate(capacity: 1)
        server.initialize(to: talon_server())
        workerRecord = .allocate(capacity: 1)
        workerRecord.initialize(to: talon_worker())
        workersRecord = .allocate(capacity: 1)
        workersRecord.initialize(to: talon_workers())
    }

    deinit {
        for text in texts { text.data?.deallocate() }
        server.deallocate()
        workerRecord.deallocate()
        workersRecord.deallocate()
    }

    /// What the next calls are told.
    package func update(_ facts: HookFacts) {
        for text in texts { text.data?.deallocate() }
        texts = [facts.server.name, facts.server.version, facts.server.address, facts.worker?.exit?.reason ?? ""]
            .map(CText.make)
        server.pointee = talon_server(
            struct_size: UInt32(MemoryLayout<talon_server>.size), pid: facts.server.pid, name: texts[0],
            version: texts[1], address: texts[2], port: facts.server.port, workers: facts.server.workers,
            generation: facts.server.generation, started_at: Double(facts.server.startedAt) / 1e9)
        hasWorker = facts.worker != nil
        if let fact = facts.worker {
            workerRecord.pointee = talon_worker(
                struct_size: UInt32(MemoryLayout<talon_worker>.size), slot: fact.slot, age: fact.age, pid: fact.pid,
                generation: fact.generation, exit_status: fact.exit?.status ?? -1, exit_signal: fact.exit?.signal ?? 0,
                exit_reason: texts[3])
        }
        hasWorkers = facts.workers != nil
        if let fact = facts.workers {
            workersRecord.pointee = talon_workers(
                struct_size: UInt32(MemoryLayout<talon_workers>.size), new_count: fact.new, old_count: fact.old)
        }
    }
}
