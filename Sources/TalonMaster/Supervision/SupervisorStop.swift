import TalonPlatform

/// The end of the server, or of its workers only.
extension SupervisorStateMachine {
    /// Time to end at once. A request that runs has that much; what it waits for may never come.
    static let quickTime = 2 * nanosecondsPerSecond

    package var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    mutating func stop(graceful: Bool, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        switch phase {
        case .running:
            phase = .stopping(quick: !graceful, status: 0)
            actions.append(.closeListeners)
            let time = graceful ? limits.graceful : min(limits.graceful, SupervisorStateMachine.quickTime)
            for (slot, _) in inOrder {
                end(slot, graceful ? .terminate : .quit, graceful ? .stop : .quit, now, &actions, within: time)
            }
        case .stopping(quick: false, let status) where !graceful:
            phase = .stopping(quick: true, status: status)
            actions.append(.log(.info, "Quick shutdown requested"))
            let time = SupervisorStateMachine.quickTime
            for (slot, _) in inOrder { end(slot, .quit, .quit, now, &actions, within: time) }
        case .stopping, .finished:
            break
        }
    }

    /// Every worker ends in good order, and none is started before more are asked for.
    mutating func dismiss(_ now: UInt64, _ actions: inout [SupervisorAction]) {
        guard isRunning else { return }
        abandonReload("the workers were dismissed", now, &actions)
        target = 0
        actions.append(.log(.info, "graceful stop of workers"))
        for (slot, worker) in inOrder where !worker.isStopping { end(slot, .terminate, .ttou, now, &actions) }
    }

    mutating func halt(status: Int32, _ cause: String, _ now: UInt64, _ actions: inout [SupervisorAction]) {
        phase = .stopping(quick: false, status: status)
        actions += [.log(.error, "Shutting down: Master"), .log(.error, "Reason: \(cause)"), .closeListeners]
        for (slot, _) in inOrder { end(slot, .terminate, .stop, now, &actions) }
    }
}
