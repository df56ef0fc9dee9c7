import TalonPlatform

/// Workers that a seed forks: they are wanted for a while before they are there, and it may end meanwhile.
extension SupervisorStateMachine {
    mutating func seedEnded(
        _ seed: UInt64, wasLoaded: Bool, _ reason: String, _ now: UInt64, _ actions: inout [SupervisorAction]
    ) {
        let waiting = workers.filter { $0.value.generation == seed && $0.value.pid == nil }
        for slot in waiting.keys { workers[slot] = nil }
        guard isRunning, let worker = waiting.values.first else { return }
        let cause = wasLoaded ? reason : "the application cannot be loaded: \(reason)"
        if !wasLoaded, !hasServed, seed != incoming {
            // As gunicorn's master, which loads the application itself and ends by its exception.
            actions.append(.log(.error, "No worker can be started: \(cause)"))
            halt(status: 1, "App failed to load.", now, &actions)
        } else {
            if seed != incoming { actions.append(.log(.error, "No worker can be started: \(cause)")) }
            bootFailed(worker, now, &actions, cause)
        }
    }
}
