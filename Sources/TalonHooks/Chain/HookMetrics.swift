package import TalonMetrics

/// What is counted of hook calls. Series are made when they are first needed; adding to one takes no lock.
package final class HookMetrics {
    /// The series of one plugin at one point. One thread makes them; any thread adds to them.
    package final class Series: Sendable {
        private let calls: [Counter]
        private let duration: Histogram

        fileprivate init(_ store: MetricStore, plugin: String, point: String) {
            // All outcomes from the start: a rate needs to see the 0 before the 1.
            calls = HookOutcome.labels.map { outcome in
                store.counter(
                    name: HookFamilies.calls.name, help: HookFamilies.calls.help,
                    labels: ["plugin": plugin, "hook": point, "outcome": outcome])
            }
            duration = store.histogram(
                name: HookFamilies.duration.name, help: HookFamilies.duration.help,
                labels: ["plugin": plugin, "hook": point], buckets: HookFamilies.durationBuckets)
        }

        /// Counts an outcome and how long the call took; nil if it did not run.
        package func count(_ outcome: HookOutcome, nanoseconds: UInt64?) {
            let index = outcome.labelIndex
            if index < calls.count { calls[index].increment() }
            if let nanoseconds { duration.observe(Double(nanoseconds) / 1e9) }
        }
    }

    private let store: MetricStore
    private var made: [String: Series] = [:]

    package init(store: MetricStore) {
        self.store = store
    }

    /// The series of a plugin at a point; `point` nil is loading. One thread.
    package func series(plugin: String, _ point: HookPoint?) -> Series {
        let name = point?.name ?? "load"
        let key = "\(name) \(plugin)"
        if let series = made[key] { return series }
        let series = Series(store, plugin: plugin, point: name)
        made[key] = series
        return series
    }

    /// The master: where the breaker of a hook stands.
    package func setBreaker(plugin: String, _ point: HookPoint?, _ state: BreakerTable.State) {
        store.gauge(
            name: HookFamilies.breaker.name, help: HookFamilies.breaker.help,
            labels: ["plugin": plugin, "hook": point?.name ?? "load"], mode: .mostrecent
        ).set(Double(state.rawValue))
    }

    /// The master: a hook runner was started again.
    package func runnerRestarted(plugin: String) {
        store.counter(
            name: HookFamilies.runnerRestarts.name, help: HookFamilies.runnerRestarts.help, labels: ["plugin": plugin]
        ).increment()
    }

    /// The master: a plugin is in use, or no longer.
    package func setInfo(plugin: String, version: String, isolation: String, inUse: Bool) {
        store.gauge(
            name: HookFamilies.info.name, help: HookFamilies.info.help,
            labels: ["plugin": plugin, "version": version, "isolation": isolation], mode: .mostrecent
        ).set(inUse ? 1 : 0)
    }

    /// The master: a plugin cannot be used; `origin` is its file.
    package func refused(origin: String) {
        store.counter(
            name: HookFamilies.refusals.name, help: HookFamilies.refusals.help, labels: ["file": origin]
        ).increment()
    }
}

/// Names and helps of the families about plugins.
package enum HookFamilies {
    package typealias Name = WorkerFamilies.Name

    package static let calls = Name(name: "talon_hook_calls_total", help: "Calls of plugin hooks by outcome")
    package static let duration = Name(
        name: "talon_hook_duration_seconds", help: "Time that calls of plugin hooks took")
    package static let breaker = Name(
        name: "talon_plugin_breaker_state", help: "Circuit breaker of a hook: 0 closed, 1 open, 2 half-open")
    package static let runnerRestarts = Name(
        name: "talon_hook_runner_restarts_total", help: "Hook runners that were started again")
    package static let info = Name(name: "talon_plugin_info", help: "Plugins in use: 1, and 0 when no longer")
    package static let refusals = Name(
        name: "talon_plugin_refusals_total", help: "Plugin files that could not be used")

    /// Upper bounds in seconds.
    package static let durationBuckets: [Double] = [0.000_001, 0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1, 5]
}
