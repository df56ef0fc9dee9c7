import TalonHooks
import TalonPlatform
import TalonSettings

/// The ledger: which plugin code each thread of each worker is in.
extension Master {
    /// Loading in a worker may take this long; the first load was in a hook runner.
    private static let loadLimit = 10 * nanosecondsPerSecond
    /// How long a hook around a request may take if requests have no limit.
    private static let requestLimit = 30 * nanosecondsPerSecond

    /// Plugin code that a thread of a worker is in.
    struct LedgerEntry {
        let member: PluginMember
        /// nil is loading.
        let point: HookPoint?
        let lane: Int
        /// CLOCK_MONOTONIC, nanoseconds.
        let since: UInt64

        /// As messages name it.
        var name: String {
            point.map { "hook \($0.name) of plugin \(member.id)" } ?? "the loading of plugin \(member.id)"
        }
    }

    private func entries(_ slot: Int, _ worker: RunningWorker) -> [LedgerEntry] {
        let set = sets[worker.generation] ?? pluginSet
        return scoreboard[slot].lanes.enumerated().compactMap { lane, record in
            let ledger = record.ledger
            guard ledger != 0 else { return nil }
            let since = record.ledgerSince
            let point = UInt32(truncatingIfNeeded: ledger)
            // It has moved on meanwhile, or this is no plugin of ours: workers can write anything there.
            guard record.ledger == ledger, let member = set[index: Int(ledger >> 32) - 1],
                point == 0 || HookPoint(rawValue: point) != nil
            else { return nil }
            return LedgerEntry(member: member, point: HookPoint(rawValue: point), lane: lane, since: since)
        }
    }

    private func limit(_ entry: LedgerEntry) -> UInt64 {
        switch entry.point {
        case nil: Master.loadLimit
        case .preRequest?, .postRequest?:
            settings.timeout > 0 ? UInt64(settings.timeout) * nanosecondsPerSecond : Master.requestLimit
        case let point?: entry.member.description.timeLimit(at: point)
        }
    }

    /// Workers with a thread that is in plugin code for longer than its point allows, and the name of that code.
    func overruns(_ now: UInt64) -> [(slot: Int, hook: String)] {
        var found: [(slot: Int, hook: String)] = []
        for (slot, worker) in workers {
            let entry = entries(slot, worker).first { now > $0.since && now - $0.since > limit($0) }
            guard let entry else { continue }
            workers[slot]?.overranIn = entry.lane
            found.append((slot, entry.name))
        }
        return found
    }

    /// The plugin code in which a worker ended, as messages name it: settled, so that its breaker is told.
    func settleEnd(_ slot: Int, _ worker: RunningWorker, _ exit: ExitStatus) -> String? {
        let ended = entries(slot, worker)
        if let lane = worker.overranIn, let entry = ended.first(where: { $0.lane == lane }), exit == .signaled(.kill) {
            return settle(entry, .timedOut)
        }
        // Whatever it was doing, its size is why.
        guard !supervisor.isKilledForMemory(slot) else { return nil }
        // Who was told to end and does may leave threads where they are: no plugin's fault.
        guard !(supervisor.isStopping(slot) && exit.isAsTold) else { return nil }
        let outcome: HookOutcome =
            switch exit {
            case _ where scoreboard[slot].state == .aborting: .timedOut
            case .signaled(.kill) where supervisor.isStopping(slot): .timedOut  // its time to end was over
            case .exited(let code): .exited(code)
            case .signaled(let signal): .crashed(signal)
            }
        var names: [String] = []
        for entry in ended where !names.contains(entry.name) { names.append(settle(entry, outcome)) }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private func settle(_ entry: LedgerEntry, _ outcome: HookOutcome) -> String {
        hooks?.settle(outcome, entry.member, entry.point)
        return entry.name
    }
}

extension ExitStatus {
    /// The end of one that was told to.
    fileprivate var isAsTold: Bool {
        [.exited(0), .signaled(.terminate), .signaled(.interrupt), .signaled(.quit)].contains(self)
    }
}
