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
    private let facts: HookFacts
    private let slot: ScoreboardSlot
    private let log: ErrorLog
    private let count: (_ plugin: String, _ hook: String, _ outcome: String) -> Void
    /// Variables that hooks have set, in order.
    private(set) var environmentChanges: [(name: StableText, value: StableText)] = []

    init(
        _ inheritance: Inheritance, facts: HookFacts, slot: ScoreboardSlot, log: ErrorLog,
        count: @escaping (_ plugin: String, _ hook: String, _ outcome: String) -> Void
    ) {
        self.facts = facts
        self.slot = slot
        self.log = log
        self.count = count
        for (index, plugin) in inheritance.plugins.enumerated() { load(plugin, index, inheritance) }
    }

    private func load(_ inherited: InheritedPlugin, _ index: Int, _ inheritance: Inheritance) {
        let (path, name) = (inherited.path, inherited.id)
        do {
            let file = try PluginFile.inspect(path)
            guard file.hooks.contains(where: \.isInWorker) else { return }
            if inherited.isSkipped {
                log.warning("Plugin \(name) is left out of this worker: it has ended others")
                for point in file.hooks where point == .postFork {
                    count(name, point.name, HookOutcome.breakerOpen.label)
                }
                return
            }
            let log = log
            // The default hooks speak for the server itself.
            let isDefault = path.hasPrefix(inheritance.home)
            let mark = isDefault ? "" : "[\(name)] "
            let services = HostServices(
                log: { level, message in log.write(level, mark + message) },
                setting: { inheritance.setting($0) },
                request: { [unowned self] in perform($0) })
            enter(index, .postFork)
            defer { leave() }
            plugins.append(
                Entry(plugin: try LoadedPlugin(file, services: services), index: index, isDefault: isDefault))
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
        slot.ledgerSince = MonotonicClock.now()
        slot.ledger = UInt64(index + 1) << 32 | UInt64(point.rawValue)
    }

    private func leave() {
        slot.ledger = 0
    }
}
