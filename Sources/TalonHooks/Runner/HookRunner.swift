import Synchronization
import TalonMetrics
import TalonPlatform
import TalonSettings

/// The hook runner: the program that holds one plugin for the master.
///
/// Its only thread waits for calls and runs them. A plugin that hangs, crashes or ends the process takes this process
/// with it and nothing else.
package enum HookRunner {
    /// Runs until the master closes the socket. Returns the exit status.
    package static func run() -> Int32 {
        // Also when a terminal or a service manager signals all processes: `on_exit` is still to come.
        Signal.leaveTheEndToTheMaster()
        guard let inheritance = Inheritance.received() else {
            FileDescriptor.standardError.writeAll(Array("talon: a hook runner is started by the master\n".utf8))
            return 2
        }
        let link = MasterLink(socket: FileDescriptor(rawValue: Inheritance.Place.first))
        guard let inherited = inheritance.plugins.first, let plugin = ResolvedPlugin(inherited: inherited) else {
            return 2
        }
        let store = PluginStore(inheritance, index: inherited.index, link)
        do {
            let services = HostServices(
                log: { level, message in link.log(level, message) },
                level: LogLevel(name: inheritance.setting("loglevel") ?? "info") ?? .info,
                setting: { inheritance.setting($0) },
                metrics: { store.opened },
                request: { link.request($0) })
            let plugin = try LoadedPlugin(plugin, services: services)
            guard link.say(.hello(id: plugin.id, version: plugin.version, language: plugin.language)) else { return 0 }
            serve(plugin, link)
            plugin.destroy()
            return 0
        } catch {
            _ = link.say(.refused(reason: error.reason))
            return 1
        }
    }

    private static func serve(_ plugin: LoadedPlugin, _ link: MasterLink) {
        let block = FactBlock()
        while let frame = link.next() {
            guard case .call(let number, let deadline, let facts) = frame, let point = HookPoint(rawValue: number)
            else { continue }
            block.update(facts)
            let status = link.inCall { plugin.status(of: point, block, deadline) }
            guard link.say(.result(status: status)) else { return }
        }
    }
}

extension LoadedPlugin {
    /// The raw status of a hook, for the master to judge.
    fileprivate func status(of point: HookPoint, _ facts: FactBlock, _ deadline: UInt64) -> Int32 {
        switch call(point, facts, deadline: deadline) {
        case nil, .ok: 0
        case .handled: 1
        case .deny: 2
        case .retry: -2
        case .misbehaved(let status): status
        default: -1
        }
    }
}

/// The metric files of the plugin in this runner. Opened when the plugin first asks for them and their folder is there,
/// which the hooks of `on_starting` make.
private final class PluginStore: Sendable {
    private let directory: String?
    private let identifier: String
    private let link: MasterLink
    private let store = Mutex<MetricStore?>(nil)

    init(_ inheritance: Inheritance, index: Int, _ link: MasterLink) {
        directory = inheritance.setting("metrics") == "false" ? nil : inheritance.setting("prometheus_multiproc_dir")
        identifier = "runner-\(index)"
        self.link = link
    }

    /// nil as long as there is no place for metrics. Any thread.
    var opened: MetricStore? {
        guard let directory else { return nil }
        return store.withLock { store in
            if let store { return store }
            guard !FileAccess.isMissing(directory) else { return nil }
            let link = link
            let made = MetricStore(directory: directory, identifier: identifier) { link.log(.error, $0) }
            store = made
            return made
        }
    }
}
