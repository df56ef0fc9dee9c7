import TalonHooks
import TalonPlatform

/// A reload: of the settings and plugins first, then of the workers.
extension Master {
    /// The plugins of the generation that serves.
    var pluginSet: PluginSet { sets[supervisor.generation] ?? PluginSet(members: [], defaults: defaultHooks) }

    /// Those of a generation; one that has ended has left its place to the one that serves.
    func pluginSet(of generation: UInt64) -> PluginSet {
        let isLive = generation == supervisor.generation || generation == supervisor.incoming
        return isLive ? sets[generation] ?? pluginSet : pluginSet
    }

    /// Brings up a new generation with the settings and plugins as they are now. A veto keeps the old one with its own.
    ///
    /// `then` is told what has become of it, once: seconds later as a rule, from the loop; at once if it is refused.
    func reload(then: @escaping (ReloadEnd) -> Void = { _ in }) {
        let begun = MonotonicClock.now()
        func refusal(_ outcome: ReloadWatch.Outcome, _ reason: String) -> ReloadEnd {
            ReloadEnd(
                outcome: outcome, generation: supervisor.generation, reason: reason,
                duration: MonotonicClock.now() - begun)
        }
        guard supervisor.isRunning else { return then(refusal(.superseded, "the server is being stopped")) }
        let old = settings
        do throws(PluginsRefused) {
            adopt(try settingsAnew())
            if let problem = socketProblem() { throw PluginsRefused(reason: problem) }
            let set = try findPlugins(inUse: inUse)
            announceWorkers(supervisor.targetOfReload, in: set)
            try requireConsent(hooks?.run(.onReload, set) ?? .passed)
            let actions = supervisor.handle(.reload, now: MonotonicClock.now())
            followSupervisor()
            if let incoming = supervisor.incoming {
                sets[incoming] = set
                reloadWatch.begin(incoming, since: begun)
                whenReloadEnds = then
                tellReload(begins: true)
            }
            perform(actions)
        } catch {
            adopt(old)
            log.error("Reload refused: \(error.reason); the workers of generation \(supervisor.generation) go on")
            announceWorkers(supervisor.target, in: pluginSet)
            tellRefusal()
            settle(refusal(error.isVeto ? .denied : .failed, error.reason), telling: then)
        }
        needsTidying = true
    }

    /// A reload that was tried is over: counted, and kept for who asks later.
    private func settle(_ end: ReloadEnd, telling asker: (ReloadEnd) -> Void) {
        metrics?.reloaded(end.outcome, duration: end.duration)
        lastReload = (end, MonotonicClock.unixTime())
        tally.reloads += 1
        asker(end)
    }

    /// The one that was under way is over.
    func reloadEnded(_ end: ReloadEnd) {
        tellReload(begins: false)
        let asker = whenReloadEnds
        whenReloadEnds = nil
        settle(end, telling: asker ?? { _ in })
    }

    private func requireConsent(_ verdict: HookVerdict) throws(PluginsRefused) {
        guard let reason = verdict.reason(.onReload) else { return }
        if case .denied = verdict { throw PluginsRefused(reason: reason, isVeto: true) }
        throw PluginsRefused(reason: reason)
    }

    /// What a new set may keep: of the generation that comes up, if there is one, else of the one that serves.
    private var inUse: [PluginMember] {
        supervisor.incoming.flatMap { sets[$0]?.members } ?? pluginSet.members
    }

    /// Tells the plugins of a change of the number of workers.
    func announceWorkers(_ count: Int, in set: PluginSet) {
        guard count != announcedWorkers else { return }
        let change = HookFacts.Workers(new: UInt32(count), old: UInt32(announcedWorkers))
        announcedWorkers = count
        hooks?.announce(.nworkersChanged, set, workers: change)
    }

    /// The hooks of `on_stopping`, once. A second signal that comes meanwhile waits in its descriptor.
    func runOnStopping() {
        guard !hasRunOnStopping else { return }
        hasRunOnStopping = true
        let limits = pluginSet.members.filter { $0.has(.onStopping) }.map { $0.description.timeLimit(at: .onStopping) }
        _ = hooks?.run(.onStopping, pluginSet, budget: max(limits.max() ?? 0, HookPoint.onStopping.timeLimit))
    }
}
