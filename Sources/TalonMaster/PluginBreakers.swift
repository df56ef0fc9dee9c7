import TalonHooks

/// Which plugins new workers go without: those that ended several workers lately.
///
/// A plugin that kills its worker is seen by the master alone, so the breaker for that lives here.
struct PluginBreakers {
    private var breakers: [Int: CircuitBreaker] = [:]
    /// The worker that tries a plugin again, by plugin.
    private var trials: [Int: Int] = [:]

    /// The plugins that the next worker, in `slot`, is to leave out.
    mutating func pluginsToSkip(slot: Int, now: UInt64) -> [Int] {
        breakers.keys.sorted().filter { plugin in
            guard breakers[plugin]?.allows(now: now) == true else { return true }
            trials[plugin] = slot
            return false
        }
    }

    /// A worker serves: what it tried has worked.
    mutating func workerServes(slot: Int) {
        for (plugin, trial) in trials where trial == slot {
            breakers[plugin]?.succeeded()
            trials[plugin] = nil
        }
    }

    /// A worker ended elsewhere. What it was to try it did not show.
    mutating func workerEnded(slot: Int, now: UInt64) {
        for (plugin, trial) in trials where trial == slot {
            if case .halfOpen? = breakers[plugin]?.state { _ = breakers[plugin]?.failed(now: now) }
            trials[plugin] = nil
        }
    }

    /// A worker ended in a plugin's code. True if the plugin is left out from now on.
    mutating func workerEnded(inPlugin plugin: Int, now: UInt64) -> Bool {
        trials[plugin] = nil
        return breakers[plugin, default: CircuitBreaker()].failed(now: now)
    }
}
