import CTalonPlugin
import TalonHooks
import TalonPlatform

/// A plugin inside a worker, and the way to call it: the breaker asked before, the ledger around, the account after.
///
/// Its hooks may be called by several threads at a time.
final class WorkerPlugin {
    /// What is known ahead of the calls at one point.
    private struct Hook {
        let limit: UInt64
        let entry: UInt64
        /// nil without metrics.
        let series: HookMetrics.Series?
    }

    let plugin: LoadedPlugin
    let id: String
    /// Its hooks are Talon's own: the last of each chain.
    let isDefault: Bool
    let isRequired: Bool
    private let index: Int
    private let account: HookAccount
    /// By number of the point; nil where it has no hook.
    private var hooks: [Hook?]

    init(_ plugin: LoadedPlugin, index: Int, account: HookAccount) {
        self.plugin = plugin
        self.index = index
        self.account = account
        id = plugin.id
        isDefault = plugin.description.isOwn
        isRequired = plugin.description.isRequired
        hooks = [nil]
        for point in HookPoint.allCases {
            guard point.isInWorker, plugin.description.points.contains(point) else {
                hooks.append(nil)
                continue
            }
            hooks.append(
                Hook(
                    limit: plugin.description.timeLimit(at: point), entry: WorkerPlugin.entry(index, point),
                    series: account.metrics?.series(plugin: plugin.id, point)))
        }
    }

    /// The word of the ledger; no point is loading.
    static func entry(_ index: Int, _ point: HookPoint?) -> UInt64 {
        UInt64(index + 1) << 32 | UInt64(point?.rawValue ?? 0)
    }

    func has(_ point: HookPoint) -> Bool { hooks[Int(point.rawValue)] != nil }

    /// Nanoseconds that a call at `point` may take.
    func timeLimit(at point: HookPoint) -> UInt64 { hooks[Int(point.rawValue)]?.limit ?? point.timeLimit }

    /// Calls the hook on this thread, whose lane is given; the plugin has it.
    ///
    /// What took longer than its limit is counted as timed out, but its verdict stands, if it has one. `deadline` is that of calls
    /// which are tried again until then: CLOCK_MONOTONIC, nanoseconds.
    func call(
        _ point: HookPoint, _ facts: FactBlock, lane: ScoreboardLane, deadline: UInt64? = nil,
        request: UnsafePointer<talon_request>? = nil, response: UnsafePointer<talon_response>? = nil
    ) -> HookOutcome {
        guard let hook = hooks[Int(point.rawValue)] else { return .notRunning }
        guard account.breakers.allows(plugin: index, point, now: MonotonicClock.now()) else {
            account.settle(.breakerOpen, plugin: index, id, point, series: hook.series, now: 0)
            return .breakerOpen
        }
        // A hook may have the default hooks run inside it.
        let outer = (entry: lane.ledger, since: lane.ledgerSince)
        let began = MonotonicClock.now()
        let deadline = deadline ?? began &+ hook.limit
        lane.ledgerSince = began
        lane.ledger = hook.entry
        let called = plugin.call(point, facts, request: request, response: response, deadline: deadline)
        let ended = MonotonicClock.now()
        if outer.entry != 0 { lane.ledgerSince = outer.since }
        lane.ledger = outer.entry
        // After a crash of it the process only finishes what runs: there is nothing to count, nor to log each time.
        guard let outcome = called, outcome != .notRunning else {
            account.breakers.undecided(plugin: index, point, now: ended)
            return .notRunning
        }
        let isLate = ended > deadline
        account.settle(
            isLate && !outcome.countsAsFailure ? .timedOut : outcome, plugin: index, id, point,
            nanoseconds: ended &- began, series: hook.series, now: ended)
        return isLate && outcome == .retry ? .timedOut : outcome
    }

    /// Settles that the calls at `point` were tried again for as long as they may be.
    func giveUp(_ point: HookPoint) {
        account.settle(
            .timedOut, plugin: index, id, point, series: hooks[Int(point.rawValue)]?.series, now: MonotonicClock.now())
    }

    /// Lets the plugin tidy up, at the process's orderly end.
    func destroy(lane: ScoreboardLane) {
        lane.ledgerSince = MonotonicClock.now()
        lane.ledger = WorkerPlugin.entry(index, .workerExit)
        plugin.destroy()
        lane.ledger = 0
    }
}

extension HookOutcome {
    /// Whether the plugin has not done what it is there for.
    var isFailure: Bool {
        switch self {
        case .ok, .handled, .deny: false
        default: true
        }
    }
}
