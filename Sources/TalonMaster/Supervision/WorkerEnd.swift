import TalonPlatform

/// The one cause of a worker's end that the metrics name.
package enum ExitReason: String, CaseIterable, Sendable {
    /// INT or QUIT, to the worker or to the server.
    case quit
    /// The server ends in good order.
    case stop
    /// It was silent, or booted, for longer than the master allows.
    case timeout
    /// Somebody sent ABRT, or it called abort(3).
    case abort
    /// It had answered as many requests as it may.
    case maxRequests = "max_requests"
    /// A reload.
    case hup
    /// There were more than are wanted.
    case ttou
    /// It ended by itself, with whatever status.
    case exitCode = "exit_code"
    /// Any other signal, TERM included, that the master did not send.
    case signal
    /// The kernel killed it for want of memory.
    case oom
    /// It used more memory than it may.
    case memory
    /// A plugin asked for it, or was where it ended.
    case plugin
    /// It ended before it was ready.
    case boot
}

/// All that is known of a worker's end, and what it comes to.
struct WorkerEnd: Sendable {
    let status: ExitStatus
    /// Why the master told it to end, if it did.
    var order: ExitReason?
    /// Why it left, by its own word.
    var farewell = WorkerFarewell.none
    var wasBooting = false
    /// It was in plugin code.
    var wasInHook = false
    /// The kernel has just killed somebody for want of memory.
    var isOutOfMemory = false

    /// The first thing that led to the end: the master's order, then what the worker has said, then what its remains
    /// tell.
    var reason: ExitReason { order ?? said ?? remains }

    private var said: ExitReason? {
        switch farewell {
        case .none: nil
        case .quit: .quit
        case .terminate: .signal
        case .abort: .abort
        case .exit: .exitCode
        case .plugin: .plugin
        case .maxRequests: .maxRequests
        case .memory: .memory
        }
    }

    private var remains: ExitReason {
        if wasInHook { return .plugin }
        switch status {
        case .signaled(.kill): return isOutOfMemory ? .oom : .signal
        case .signaled(.abort): return .abort
        case .signaled(.interrupt), .signaled(.quit): return .quit
        case .signaled: return .signal
        case .exited: return wasBooting ? .boot : .exitCode
        }
    }

    /// It did not leave in good order: its requests were broken off, by force.
    var isForced: Bool {
        if reason == .timeout || reason == .abort { return true }
        return ![.exited(0), .signaled(.terminate), .signaled(.interrupt), .signaled(.quit)].contains(status)
    }

    /// Another takes its place, or would if fewer were not wanted now: all but the end of the server itself.
    var isRestart: Bool { order != .stop && order != .quit }
}
