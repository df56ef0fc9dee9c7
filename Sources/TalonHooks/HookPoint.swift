/// Where hooks are called: gunicorn's names, and `on_stopping`. The numbers are those of talon_plugin.h.
package enum HookPoint: UInt32, CaseIterable, Sendable {
    case onStarting = 1
    case whenReady
    case onReload
    case nworkersChanged
    case childExit
    case preFork
    case postFork
    case postWorkerInit
    case preRequest
    case postRequest
    case workerInt
    case workerAbort
    case workerExit
    case preExec
    case onStopping
    case onExit

    /// gunicorn's name: "on_starting".
    package var name: String {
        switch self {
        case .onStarting: "on_starting"
        case .whenReady: "when_ready"
        case .onReload: "on_reload"
        case .nworkersChanged: "nworkers_changed"
        case .childExit: "child_exit"
        case .preFork: "pre_fork"
        case .postFork: "post_fork"
        case .postWorkerInit: "post_worker_init"
        case .preRequest: "pre_request"
        case .postRequest: "post_request"
        case .workerInt: "worker_int"
        case .workerAbort: "worker_abort"
        case .workerExit: "worker_exit"
        case .preExec: "pre_exec"
        case .onStopping: "on_stopping"
        case .onExit: "on_exit"
        }
    }

    /// The function that a plugin exports for it.
    package var symbol: String { "talon_" + name }

    /// True if it is called in a worker, false if on the master's side.
    package var isInWorker: Bool {
        switch self {
        case .postFork, .postWorkerInit, .preRequest, .postRequest, .workerInt, .workerAbort, .workerExit: true
        default: false
        }
    }

    /// How long a call may take, in nanoseconds.
    package var timeLimit: UInt64 {
        let millisecond: UInt64 = 1_000_000
        return switch self {
        case .onStarting, .whenReady, .onReload, .preExec, .onStopping: 5000 * millisecond
        case .nworkersChanged, .childExit, .preFork: 250 * millisecond
        case .postFork, .postWorkerInit: 10_000 * millisecond
        case .preRequest, .postRequest: 10 * millisecond
        case .workerInt, .workerAbort: 1000 * millisecond
        case .workerExit: 30_000 * millisecond
        case .onExit: 2000 * millisecond
        }
    }

    /// True where a hook may veto with `TALON_DENY`.
    package var allowsVeto: Bool {
        switch self {
        case .onStarting, .onReload, .preFork, .preExec, .preRequest: true
        default: false
        }
    }
}
