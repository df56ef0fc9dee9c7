import TalonPlatform

/// Reload: a generation comes up beside the one that serves, and takes over when it is ready, or never.
extension SupervisorStateMachine {
    /// How many workers a reload would bring up. A load that the number follows is still there.
    var targetOfReload: Int { target > 0 && adaptive != nil ? target : configured }

    mutating func reload(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard isRunning else { return }
        if let old = incoming { endWorkers(where: { $0.generation == old }, now, &actions) }
        target = targetOfReload
        reloadBegan = now
        lastGeneration += 1
        incoming = lastGeneration
        boots.renew()
    }

    /// The new generation takes over as soon as enough of it serve: because another got ready, or fewer are wanted.
    mutating func finishReload(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard let next = incoming, isRunning else { return }
        guard workers.values.filter({ $0.generation == next && $0.isServing }).count >= target else { return }
        generation = next
        incoming = nil
        actions.append(.log(.info, "Reloaded: the workers of generation \(next) serve"))
        endWorkers(where: { $0.generation != next }, now, &actions)
    }

    mutating func abandonReload(_ reason: String, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard let failed = incoming else { return }
        incoming = nil
        reloadFailure = reason
        actions.append(.log(.error, "Reload failed: \(reason); the workers of generation \(generation) go on"))
        endWorkers(where: { $0.generation == failed }, now, &actions)
    }

    /// Tells those to end that a reload has no use for.
    private mutating func endWorkers(
        where isNeedless: (Worker) -> Bool, _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        for (slot, worker) in inOrder where isNeedless(worker) && !worker.isStopping {
            end(slot, .terminate, .hup, now, &actions)
        }
    }
}
