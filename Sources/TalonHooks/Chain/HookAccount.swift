package import TalonPlatform

/// What becomes of each call's outcome, in a worker as in the master: it is counted, told to the breaker, and logged if
/// it failed.
package final class HookAccount {
    package let breakers: BreakerTable
    package let log: ErrorLog
    /// nil without metrics, and before their folder is there.
    package var metrics: HookMetrics?

    package init(breakers: BreakerTable, log: ErrorLog, metrics: HookMetrics?) {
        self.breakers = breakers
        self.log = log
        self.metrics = metrics
    }

    /// Settles a call, or one that was not made. `series` is that of the plugin and the point, if its caller keeps it.
    ///
    /// Any thread, if `series` is given or there are no metrics.
    package func settle(
        _ outcome: HookOutcome, plugin index: Int, _ id: String, _ point: HookPoint?, nanoseconds: UInt64? = nil,
        series: HookMetrics.Series? = nil, now: UInt64
    ) {
        (series ?? metrics?.series(plugin: id, point))?.count(outcome, nanoseconds: nanoseconds)
        guard outcome != .breakerOpen else { return }
        lazy var hook = point.map { "Hook \($0.name)" } ?? "Loading"
        if let failure = outcome.failure { log.error("\(hook) of plugin \(id) \(failure)") }
        if outcome.countsAsFailure {
            if breakers.failed(plugin: index, point, now: now) {
                log.error("\(hook) of plugin \(id) has failed too often; it is not called for a while")
            }
        } else if outcome == .retry {
            breakers.undecided(plugin: index, point, now: now)
        } else if outcome != .notRunning, breakers.succeeded(plugin: index, point) {
            log.info("\(hook) of plugin \(id) works again")
        }
    }
}
