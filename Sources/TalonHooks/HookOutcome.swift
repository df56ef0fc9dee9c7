import CTalonPlugin
package import TalonPlatform

/// What became of one call of a hook.
package enum HookOutcome: Equatable, Sendable {
    case ok
    /// Done, and the default hook of the point is not wanted.
    case handled
    /// A veto.
    case deny
    /// The plugin says that it failed.
    case error
    /// It wants to be called again.
    case retry
    /// Over its limit; its process was killed.
    case timedOut
    /// Its process died by a signal.
    case crashed(Signal)
    /// It ended its process.
    case exited(Int32)
    /// It has no process now.
    case notRunning
    /// It failed too often lately; see ``BreakerTable``.
    case breakerOpen
    /// A code that the point does not allow.
    case misbehaved(Int32)

    /// Judges what a hook returned.
    package init(status: Int32, at point: HookPoint) {
        switch status {
        case TALON_OK: self = .ok
        case TALON_HANDLED: self = .handled
        case TALON_DENY: self = point.allowsVeto ? .deny : .misbehaved(status)
        case TALON_ERROR: self = .error
        case TALON_RETRY: self = .retry
        default: self = .misbehaved(status)
        }
    }

    /// The values of the label `outcome`.
    package static let labels = [
        "ok", "handled", "deny", "error", "retry", "timed_out", "crashed", "exited", "breaker_open", "not_running",
    ]

    /// Which of ``labels`` it has.
    package var labelIndex: Int {
        switch self {
        case .ok: 0
        case .handled: 1
        case .deny: 2
        case .error, .misbehaved: 3
        case .retry: 4
        case .timedOut: 5
        case .crashed: 6
        case .exited: 7
        case .breakerOpen: 8
        case .notRunning: 9
        }
    }

    /// The value of the label `outcome`.
    package var label: String { HookOutcome.labels[labelIndex] }

    /// Whether the breaker counts it.
    package var countsAsFailure: Bool { labelIndex == 3 || (5...7).contains(labelIndex) }

    /// Why the call counts as failed, as the rest of a sentence; nil if it did not fail.
    package var failure: String? {
        switch self {
        case .ok, .handled, .deny, .retry, .breakerOpen: nil
        case .error: "failed (TALON_ERROR)"
        case .misbehaved(let code): "misbehaved: it returned \(code), which this hook must not"
        case .timedOut: "took too long"
        case .crashed(let signal): "crashed by \(signal.name)"
        case .exited(let code): "ended its process with status \(code)"
        case .notRunning: "was not called: its process is not running"
        }
    }
}
