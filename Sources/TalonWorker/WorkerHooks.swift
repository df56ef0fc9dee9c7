import TalonHooks
import TalonPlatform
import TalonSettings

/// The plugins of a worker, and their calls. The worker's main thread.
///
/// A plugin runs inside the worker here; if it kills the process, the ledger tells the master which one it was.
final class WorkerHooks {
    private struct Entry {
        let plugin: LoadedPlugin
        /// Its place in the ledger.
        let index: Int
        let isDefault: Bool
    }

    private var plugins: [Entry] = []
    private let facts = FactBlock()
    private let slot: ScoreboardSlot
    private let log: ErrorLog
    private let count: (_ plugin: String, _ hook: String, _ outcome: String) -> Void
    /// Variables that hooks have set, in order.
    private(set) var environmentChanges: [(name: StableText, value: StableText)] = []

    init(
        _ inheritance: Inheritance, facts: HookFacts, slot: ScoreboardSlot, log: ErrorLog,
        count: @escaping (_ plugin: String, _ hook: String, _ outcome: String) -> Void
    ) {
        self.facts.update(facts)
        self.slot = slot
        self.log = log
        self.count = count
        for (index, plugin) in inheritance.plugins.enumerated() { load(plugin, index, inheritance) }
    }

    private func load(_ inherited: InheritedPlugin, _ index: Int, _ inheritance: Inheritance) {
        guard let plugin = ResolvedPlugin(inherited: inherited), plugin.description.hasWorkerSide else { return }
        let log = log
        // The default hooks speak for the server itself.
        let isDefault = plugin.description.isOwn
        let mark = isDefault ? "" : "[\(plugin.description.id)] "
        let services = HostServices(
            log: { level, message in log.write(level, mark + message) },
            setting: { inheritance.setting($0) },
            request: { [unowned self] in perform($0) })
        enter(index, .postFork)
        defer { leave() }
        do {
            plugins.append(
                Entry(plugin: try LoadedPlugin(plugin, services: services), index: index, isDefault: isDefault))
        } catch {
            log.error("\(error)")
        }
    }

    /// Calls the hook of each plugin that has it, in order; the default hooks are last, and `TALON_HANDLED` skips them.
    func run(_ point: HookPoint) {
        var handled = false
        for entry in plugins where !(handled && entry.isDefault) {
            enter(entry.index, point)
            let outcome = entry.plugin.call(point, facts, deadline: MonotonicClock.now() + point.timeLimit)
            leave()
            guard let outcome else { continue }
            let id = entry.plugin.id
            count(id, point.name, outcome.label)
            if outcome == .handled { handled = true }
            if let failure = outcome.failure { log.error("Hook \(point.name) of plugin \(id) \(failure)") }
        }
    }

    /// What a plugin asks for. A worker does nothing but set a variable for the application.
    private func perform(_ request: HostRequest) -> Int32 {
        guard request.kind == HostRequest.setEnvironment, !request.name.isEmpty, !request.name.contains("=") else {
            return -1
        }
        ThisProcess.setEnvironment(request.name, request.value)
        environmentChanges.append((StableText(request.name), StableText(request.value)))
        return 0
    }

    private func enter(_ index: Int, _ point: HookPoint) {
        slot[lane: 0].ledgerSince = MonotonicClock.now()
        slot[lane: 0].ledger = UInt64(index + 1) << 32 | UInt64(point.rawValue)
    }

    private func leave() {
        slot[lane: 0].ledger = 0
    }
}
