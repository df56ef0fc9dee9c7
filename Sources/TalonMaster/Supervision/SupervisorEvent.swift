package import TalonPlatform

/// What can happen to a supervisor.
package enum SupervisorEvent: Sendable {
    case start
    /// A worker's process is there.
    case spawned(slot: Int, pid: Int32)
    /// It could not be started.
    case spawnFailed(slot: Int, reason: String)
    /// The process has ended from which the workers of a generation are forked; for people: how.
    case seedEnded(generation: UInt64, wasLoaded: Bool, reason: String)
    /// It was not to be started now: a hook says so. It is tried again later.
    case forkDenied(slot: Int, reason: String)
    /// It says that it serves.
    case ready(slot: Int)
    /// It has ended; `inHook` names the plugin code that it was in.
    case exited(slot: Int, ExitStatus, inHook: String?)
    /// It is in plugin code for longer than allowed.
    case overran(slot: Int, hook: String)
    /// A request of it is over its limit, and its loop turns.
    case overdue(slot: Int)
    /// Time passes: when each worker's loop last turned, by slot.
    case tick(heartbeats: [Int: UInt64])
    case reload
    case addWorker
    case removeWorker
    /// A person, or a plugin if nothing else is said, wants one replaced in good order.
    case restart(slot: Int, ExitReason = .plugin)
    /// A worker has had enough, and serves until another does in its place.
    case retire(slot: Int, ExitReason)
    /// Bytes that are resident, by slot, and what the control group may still take; nil is no limit.
    case memory(resident: [Int: UInt64], room: UInt64?)
    /// What requests had to wait for in the last second.
    case load(WorkerLoad)
    /// No worker is to be left, and the server goes on.
    case dismiss
    /// Stop in good order, or at once.
    case stop(graceful: Bool)
}

/// What a supervisor wants done.
package enum SupervisorAction: Equatable, Sendable {
    case spawn(slot: Int, age: UInt64, generation: UInt64)
    case signal(slot: Int, Signal)
    /// It is over its time limit; say so on the scoreboard.
    case markAborting(slot: Int)
    case log(LogLevel, String)
    case closeListeners
    /// No worker is left: end with this status.
    case finish(status: Int32)
}
