import CTalonPlugin

/// Facts as the C structs that a hook sees, alive for one call.
enum FactBlock {
    static func with<Result>(
        _ facts: HookFacts, _ body: (UnsafePointer<talon_server>?, UnsafePointer<talon_worker>?) -> Result
    ) -> Result {
        CText.with([facts.server.name, facts.server.version, facts.server.address, ""]) { texts in
            var server = talon_server(
                struct_size: UInt32(MemoryLayout<talon_server>.size), pid: facts.server.pid, name: texts[0],
                version: texts[1], address: texts[2], port: facts.server.port, workers: facts.server.workers,
                generation: facts.server.generation, started_at: Double(facts.server.startedAt) / 1e9)
            guard let fact = facts.worker else { return body(&server, nil) }
            var worker = talon_worker(
                struct_size: UInt32(MemoryLayout<talon_worker>.size), slot: fact.slot, age: fact.age, pid: fact.pid,
                generation: fact.generation, exit_status: -1, exit_signal: 0, exit_reason: texts[3])
            return body(&server, &worker)
        }
    }
}
