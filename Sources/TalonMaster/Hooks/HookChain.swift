import TalonHooks

/// One event at one hook point, as the plugins see it one after the other.
final class HookChain {
    let point: HookPoint
    let facts: HookFacts
    let set: PluginSet
    /// A plugin has done what the default hook would do.
    var isHandled = false
    /// The default hook has run, because a plugin asked for it.
    var hasRunDefault = false
    /// Calls whose outcome nobody waits for.
    var underWay = 0

    init(_ point: HookPoint, _ facts: HookFacts, _ set: PluginSet) {
        self.point = point
        self.facts = facts
        self.set = set
    }

    var wantsDefault: Bool { !isHandled && !hasRunDefault }

    /// Takes an outcome into account.
    func take(_ outcome: HookOutcome) {
        if outcome == .handled { isHandled = true }
    }
}

/// What the plugins say of what is about to be done.
enum HookVerdict: Equatable {
    case passed
    /// That plugin vetoed.
    case denied(String)
    /// That plugin is required, and its hook did not succeed.
    case failed(String)

    /// Why it is not done, as a clause; nil if it is.
    func reason(_ point: HookPoint) -> String? {
        switch self {
        case .passed: nil
        case .denied(let plugin): "plugin \(plugin) denied it (\(point.name))"
        case .failed(let plugin): "plugin \(plugin) is required, and its hook \(point.name) did not succeed"
        }
    }
}

/// Hooks that asked to be called again later.
struct HookRetry {
    /// nil is the default hooks.
    let member: PluginMember?
    let chain: HookChain
    let giveUpAt: UInt64
    var attempts: Int
    /// CLOCK_MONOTONIC, nanoseconds.
    var nextAt: UInt64
}

extension HookOutcome {
    /// The hook did not do its work. What is required must have.
    var isFailed: Bool {
        switch self {
        case .ok, .handled, .deny: false
        default: true
        }
    }
}

extension HookPoint {
    /// What a required plugin's failure there stops.
    var isDecisive: Bool {
        switch self {
        case .onStarting, .whenReady, .onReload, .preFork, .preExec: true
        default: false
        }
    }
}
