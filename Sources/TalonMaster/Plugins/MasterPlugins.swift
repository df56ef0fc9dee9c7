import TalonHooks
import TalonMetrics
import TalonPlatform
import TalonSettings

/// Why the plugins cannot be used: one sentence.
struct PluginsRefused: Error {
    let reason: String
    /// A plugin does not want it, and nothing is broken.
    var isVeto = false
}

/// Which plugins there are: from what the inspector found to what a generation of workers uses.
extension Master {
    /// Loads the default hooks, which every set has.
    func makeHooks() throws(StartError) -> MasterHooks {
        let settings = Dictionary(settings.texts.map { ($0.name, $0.value) }) { first, _ in first }
        let log = log
        do {
            let plugin = defaultHooks.plugin
            let hooks = try MasterHooks(
                account: account, log: log, server: { [unowned self] in serverFacts },
                perform: { [unowned self] in perform($0, in: $1) },
                loadDefaults: { request throws(PluginError) in
                    let services = HostServices(
                        log: { log.write($0, $1) }, level: log.level, setting: { settings[$0] }, request: request)
                    return try LoadedPlugin(plugin, services: services)
                })
            let loaded = hooks.defaultPlugin
            defaultHooks = defaultHooks.called(loaded.id, loaded.version, loaded.language)
            return hooks
        } catch {
            throw StartError("talon: \(error)", status: 1)
        }
    }

    /// Inspects all plugins, loads what is new or has changed, and keeps the rest of `inUse`; nil at the start.
    func findPlugins(inUse: [PluginMember]?) throws(PluginsRefused) -> PluginSet {
        var findings: [PluginFinding]
        do {
            findings = try PluginInspection(
                tool: distribution.pluginTool, query: settings.pluginQuery(in: directory),
                describe: { [children] query, socket throws(SystemError) in
                    try children.inspector(query, socket: socket)
                }
            ).run()
        } catch {
            // Nothing was found out about any of them: those in use go on.
            guard let inUse else { throw PluginsRefused(reason: error.reason) }
            log.error("Plugins are not looked at anew: \(error.reason)")
            return PluginSet(members: inUse, defaults: defaultHooks)
        }
        let now = MonotonicClock.now()
        if let hooks = PythonHooks.plugin(settings, program, distribution, reading: now) {
            findings.append(.plugin(hooks))
        }
        defer { closeUnused(findings) }
        var admission = PluginAdmission()
        for step in PluginPlan(findings, inUse: inUse ?? []).steps { try take(step, &admission) }
        for remark in admission.remarks { log.warning(remark) }
        return PluginSet(members: admission.members, defaults: defaultHooks)
    }

    private struct PluginAdmission {
        var members: [PluginMember] = []
        var remarks: [String] = []
    }

    private func take(_ step: PluginPlan.Step, _ admission: inout PluginAdmission) throws(PluginsRefused) {
        switch step {
        case .remark(let text): admission.remarks.append(LogText.oneLine(text))
        case .keep(let member): try admit(member, &admission)
        case .refuse(let origin, let reason, let isNamed, let old):
            try refuse(origin, reason, isNamed: isNamed, old: old, &admission)
        case .load(let plugin, let old):
            let member: PluginMember
            do throws(LoadFailure) {
                member = try load(plugin)
            } catch {
                let found = plugin.description
                let isNamed = found.isNamed || found.isRequired
                return try refuse(found.origin, error.reason, isNamed: isNamed, old: old, &admission)
            }
            try admit(member, &admission)
        }
    }

    /// Takes a plugin in, unless another has its id.
    private func admit(_ member: PluginMember, _ admission: inout PluginAdmission) throws(PluginsRefused) {
        guard let other = (admission.members + [defaultHooks]).first(where: { $0.id == member.id }) else {
            return admission.members.append(member)
        }
        let description = member.found
        try refuse(
            description.origin, "its id is \(member.id), which is that of \(other.found.origin); use one of the two",
            isNamed: description.isNamed || description.isRequired, old: nil, &admission)
    }

    private func refuse(
        _ origin: String, _ reason: String, isNamed: Bool, old: PluginMember?, _ admission: inout PluginAdmission
    ) throws(PluginsRefused) {
        let (origin, reason) = (LogText.oneLine(origin), LogText.oneLine(reason))
        hooks?.refused(origin: origin)
        if let old {
            log.error("plugin \(old.id): the new version (\(origin)) cannot be used: \(reason); the old one goes on")
            return try admit(old, &admission)
        }
        guard !isNamed else { throw PluginsRefused(reason: "plugin \(origin): \(reason)") }
        log.error("plugin \(origin): \(reason); it is left out")
    }

    /// Why a plugin cannot be loaded; the rest of a sentence.
    private struct LoadFailure: Error {
        let reason: String
    }

    /// Loads a plugin for the first time, in a runner of its own: a crash is the runner's.
    private func load(_ plugin: ResolvedPlugin) throws(LoadFailure) -> PluginMember {
        guard let index = (1..<BreakerTable.pluginLimit).first(where: { !usedIndices.contains($0) }) else {
            throw LoadFailure(reason: "there is no room for more than \(BreakerTable.pluginLimit - 1) plugins")
        }
        let runner = HookRunnerProcess(plugin, log: log) { [unowned self] socket throws(SystemError) in
            try children.hookRunner(plugin, index: index, socket: socket)
        }
        // The file is executed there as when its settings were read.
        if plugin.description.isPythonHooks {
            runner.loadLimit = PythonConfiguration.limit
            // Their log is gunicorn's: `server.log`.
            runner.speaksForServer = true
        }
        do {
            try runner.start()
        } catch {
            if case .crashed(let reason) = error {
                CrashMemory(folder: settings.pluginQuery(in: directory).stateFolder)
                    .remember(digest: plugin.description.digest, origin: plugin.description.origin, reason: reason)
            }
            throw LoadFailure(reason: error.reason)
        }
        usedIndices.insert(index)
        account.breakers.reset(plugin: index)
        hooks?.runners.add(runner)
        let isKept = plugin.description.hasServerSide
        // Where all hooks run in workers it was only to be tried.
        if !isKept { hooks?.runners.retire(runner) }
        let member = PluginMember(
            index: index, found: plugin.description, plugin: plugin, runner: isKept ? runner : nil
        ).called(runner.id, runner.version, runner.language)
        // By the id alone: the member has the runner, and each would keep the other for ever.
        runner.startedAgain = { [unowned self, id = member.id] in account.metrics?.runnerRestarted(plugin: id) }
        adopted[index] = member
        return member
    }

    /// Closes the images of what was found and is not used.
    private func closeUnused(_ findings: [PluginFinding]) {
        let used = Set(adopted.values.compactMap(\.plugin.image.descriptor))
        for case .plugin(let plugin) in findings {
            if let image = plugin.image.descriptor, !used.contains(image) { image.close() }
        }
    }

    /// Lets go of plugins that no generation uses any more: runners end, images are closed, indices are free once no
    /// worker is left that may be in their code.
    func tidyPlugins() {
        let live = Set([supervisor.generation, supervisor.incoming ?? supervisor.generation])
        let generations = live.union(workers.values.map(\.generation))
        sets = sets.filter { generations.contains($0.key) }
        let used = Set(live.flatMap { sets[$0]?.all.map(\.index) ?? [] })
        needsTidying = false
        for (index, member) in adopted where !used.contains(index) {
            // What it was told of last, the end of a worker perhaps, it is not to be cut off from.
            guard member.runner?.isBusy != true else {
                needsTidying = true
                continue
            }
            adopted[index] = nil
            if let runner = member.runner { hooks?.runners.retire(runner) }
            member.plugin.image.descriptor?.close()
            hooks?.forget(member)
        }
        usedIndices = Set(sets.values.flatMap { $0.all.map(\.index) }).union(adopted.keys)
        showPlugins()
    }

    /// The gauge of the plugins in use.
    private func showPlugins() {
        let set = pluginSet
        let used = Set(set.all.map(\.index))
        for (index, member) in shown where !used.contains(index) {
            shown[index] = nil
            show(member, inUse: false)
        }
        for member in set.all where shown[member.index] == nil {
            shown[member.index] = member
            show(member, inUse: true)
        }
    }

    private func show(_ member: PluginMember, inUse: Bool) {
        account.metrics?.setInfo(
            plugin: member.id, version: member.description.version, isolation: member.isolation.rawValue, inUse: inUse)
    }
}

extension PluginImage {
    /// The descriptor of a sealed image.
    fileprivate var descriptor: FileDescriptor? {
        guard case .sealed(let descriptor) = self else { return nil }
        return descriptor
    }
}
