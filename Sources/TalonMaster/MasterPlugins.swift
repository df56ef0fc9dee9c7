import TalonHooks
import TalonMetrics
import TalonPlatform
import TalonSettings

extension Master {
    /// Time to load a plugin in its runner.
    private static let loadLimit = 5 * nanosecondsPerSecond

    /// Loads the plugins: the default hooks here, every other in a runner of its own. One that cannot be loaded was
    /// asked for by name, so the start is refused.
    func makeHooks() throws(StartError) -> MasterHooks {
        var runners: [HookRunnerProcess] = []
        do {
            for path in settings.plugins {
                // A relative path is kept if there is no such file, so that the message shows what was written.
                let file = try PluginFile.inspect(FileAccess.resolved(path) ?? path)
                var plugin = file.own
                plugin.description.isOwn = false
                let runner = HookRunnerProcess(
                    plugin, log: log,
                    description: { [children] socket throws(SystemError) in
                        try children.hookRunner(
                            InheritedPlugin(index: 0, description: plugin.description.encoded, name: file.path),
                            socket: socket)
                    },
                    perform: { [unowned self] in perform($0) })
                try runner.start(limit: Master.loadLimit)
                plugin.description.id = runner.id
                plugins.append(
                    InheritedPlugin(
                        index: plugins.count, description: plugin.description.encoded, name: file.path))
                if plugin.description.hasServerSide {
                    runners.append(runner)
                } else {
                    runner.finish(patience: nanosecondsPerSecond)  // it was only to be tried
                }
            }
            let defaults = try loadDefaultHooks()
            plugins.append(
                InheritedPlugin(
                    index: plugins.count, description: defaults.description.encoded, name: distribution.defaultHooks))
            return MasterHooks(
                runners: runners, defaults: defaults, log: log, makeStore: { [unowned self] in makeStore() },
                facts: { [unowned self] in facts })
        } catch {
            for runner in runners { runner.finish(patience: 0) }
            throw StartError("talon: \(error)", status: 1)
        }
    }

    private func loadDefaultHooks() throws(PluginError) -> LoadedPlugin {
        let texts = Dictionary(settings.texts.map { ($0.name, $0.value) }) { first, _ in first }
        let log = log
        let services = HostServices(
            log: { log.write($0, $1) }, setting: { texts[$0] },
            request: { [unowned self] in perform($0) })
        return try LoadedPlugin(try PluginFile.inspect(distribution.defaultHooks).own, services: services)
    }

    private func makeStore() -> MetricStore? {
        guard settings.metricsEnabled else { return nil }
        let log = log
        return MetricStore(directory: settings.metricsDirectory, identifier: "master") { log.error($0) }
    }

    /// What a plugin asks of the master.
    private func perform(_ request: HostRequest) -> Int32 {
        switch request.kind {
        case HostRequest.startMetricsServer:
            guard settings.metricsEnabled else { return -1 }
            return exporter?.start(on: settings.metricsAddress) ?? -1
        default:
            return -1
        }
    }
}
