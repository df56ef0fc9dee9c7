import TalonPlatform

/// Recycling: a worker that has had enough serves on until another is ready in its place.
///
/// One that is being replaced counts no longer when the missing are started, and is the first to go when too many
/// serve; the rest follows.
extension SupervisorStateMachine {
    /// Replaces a worker in good order.
    mutating func retire(_ slot: Int, _ reason: ExitReason, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard isRunning, let worker = workers[slot], !worker.isStopping else { return }
        // One that boots serves nobody yet.
        guard worker.isServing else { return end(slot, .terminate, reason, now, &actions) }
        if worker.retirement == nil { workers[slot]?.retirement = reason }
    }

    /// Whether a worker is known to want to be replaced.
    package func isRetiring(_ slot: Int) -> Bool { workers[slot]?.retirement != nil }

    /// So many are replaced at a time: a quarter, and at least one. Those that still drain count.
    private var replacementLimit: Int { max(1, target / 4) }

    /// Begins the replacement of workers that want it, the oldest first. A reload replaces them anyway.
    mutating func recycle(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard isRunning, incoming == nil else { return }
        let current = inOrder.filter { $0.worker.generation == generation }
        var free = replacementLimit - current.count { $0.worker.isBeingReplaced }
        for (slot, worker) in current where free > 0 && worker.isServing && !worker.isBeingReplaced {
            guard let reason = worker.retirement else { continue }
            free -= 1
            workers[slot]?.isBeingReplaced = true
            // Those whose replacements boot will need that room too.
            let pending = workers.values.count { $0.isBeingReplaced && $0.isServing }
            if !memory.hasRoom(for: pending) { shrinkFirst(slot, reason, now, &actions) }
        }
    }

    /// There is no memory for two: the old one ends before the new one starts.
    private mutating func shrinkFirst(
        _ slot: Int, _ reason: ExitReason, _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        if !memory.hasSaidShrink {
            memory.hasSaidShrink = true
            actions.append(
                .log(
                    .warning,
                    "The memory limit of the control group leaves no room for one more worker: "
                        + "a worker that is recycled ends before its replacement starts"))
        }
        workers[slot]?.keepsPlace = true
        end(slot, .terminate, reason, now, &actions)
    }

    /// A worker did not boot: what it was to replace goes on.
    mutating func sayOverdue(_ actions: inout [SupervisorAction]) {
        for (slot, worker) in inOrder where worker.isBeingReplaced && worker.isServing && !worker.isOverdue {
            workers[slot]?.isOverdue = true
            let reason = worker.retirement?.rawValue ?? ""
            actions.append(
                .log(
                    .warning,
                    "Worker (pid:\(worker.pid ?? 0)) serves on beyond its limit (\(reason)): no other has booted"))
        }
    }
}

/// What workers use of the memory, and what is left.
struct MemoryView: Sendable {
    /// Bytes by slot.
    var resident: [Int: UInt64] = [:]
    /// Bytes that the control group may still take; nil is no limit.
    var room: UInt64?
    /// It was said that workers end before their replacements start.
    var hasSaidShrink = false

    /// Whether so many more workers find room. A new one takes about what the smallest has.
    func hasRoom(for count: Int) -> Bool {
        guard let room, let least = resident.values.min() else { return true }
        return room / max(least, 1) >= count
    }
}

extension SupervisorStateMachine {
    /// The memory of the workers was read: those over the hard limit are killed, those over the soft one replaced.
    mutating func measure(
        _ resident: [Int: UInt64], room: UInt64?, _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        (memory.resident, memory.room) = (resident, room)
        for (slot, worker) in inOrder {
            guard let bytes = resident[slot], worker.pid != nil else { continue }
            if limits.hardMemory > 0, bytes > limits.hardMemory {
                guard !worker.isKilledForMemory else { continue }
                workers[slot]?.isKilledForMemory = true
                workers[slot]?.order(.memory)
                let text = Self.excess(worker, bytes, "max_worker_memory_hard", limits.hardMemory)
                actions += [.log(.error, "\(text); it is killed"), .signal(slot: slot, .kill)]
            } else if limits.softMemory > 0, bytes > limits.softMemory, worker.isServing, worker.retirement == nil {
                let text = Self.excess(worker, bytes, "max_worker_memory", limits.softMemory)
                actions.append(.log(.warning, "\(text); it is replaced"))
                retire(slot, .memory, now, &actions)
            }
        }
    }

    /// Whether a worker was killed for its size.
    func isKilledForMemory(_ slot: Int) -> Bool { workers[slot]?.isKilledForMemory ?? false }

    private static func excess(_ worker: Worker, _ bytes: UInt64, _ setting: String, _ limit: UInt64) -> String {
        "Worker (pid:\(worker.pid ?? 0)) has \(bytes >> 20) MiB resident, more than \(setting) (\(limit >> 20))"
    }
}
