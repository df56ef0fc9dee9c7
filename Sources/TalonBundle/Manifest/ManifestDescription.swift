package import TalonHooks
package import TalonYAML

extension PluginManifest {
    /// What the master and the workers must know of the plugin. What `entry` says wins over the manifest.
    ///
    /// `origin` is how messages name the plugin. `exports` are the hooks of its ELF symbol table, which count if the
    /// manifest names none. In a bundle the library's name is that of a file, not one of the system. The caller sets
    /// the digest, and whether it has an identity, is named and is Talon's own.
    package func describe(
        entry: PluginEntry? = nil, origin: String, exports: Set<HookPoint> = [], inBundle: Bool = false
    ) throws(YAMLError) -> PluginDescription {
        var description = PluginDescription(id: id, origin: origin)
        description.version = version
        description.language = language
        if case .name(let name) = library, !inBundle {
            description.library = name
            // Its functions are bound by the manifest; it need know nothing of Talon.
            description.hasIdentity = false
        }
        let place =
            entry.map { YAMLPlace(file: $0.source, line: $0.line, field: "config") }
            ?? YAMLPlace(file: file, line: 1, field: "config")
        let settings = try config.settings(entry?.config ?? [], place)
        description.bindings = try bindings(settings, exports)
        description.config = settings.map { ($0.key, $0.value) }
        description.isolation = isolation
        description.limits = limits
        description.isRequired = isRequired
        entry?.override(&description)
        let isOverridden = entry?.isolation != nil
        try description.checkIsolation(isOverridden ? place.sibling("isolation") : isolationPlace)
        return description
    }

    private func bindings(
        _ settings: [ResolvedSetting], _ exports: Set<HookPoint>
    ) throws(YAMLError) -> [PluginDescription.Binding] {
        guard let hooks else {
            return HookPoint.allCases.filter { exports.contains($0) }.map { PluginDescription.Binding($0) }
        }
        let values = Dictionary(settings.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var bindings: [PluginDescription.Binding] = []
        for hook in hooks {
            let signature = try hook.signature?.resolved(values) ?? .standard
            bindings.append(.init(hook.point, symbol: hook.symbol, signature: signature))
        }
        return bindings
    }
}

extension PluginEntry {
    /// Applies the entry to a plugin without a manifest, whose settings nobody checks.
    package func apply(to description: inout PluginDescription) throws(YAMLError) {
        override(&description)
        description.config = config.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        try description.checkIsolation(YAMLPlace(file: source, line: line, field: "isolation"))
    }

    fileprivate func override(_ description: inout PluginDescription) {
        if let isolation { description.isolation = isolation }
        if let isRequired { description.isRequired = isRequired }
        if let timeout {
            for point in description.points { description.limits[point] = timeout }
        }
    }
}

extension PluginDescription {
    /// Whether its hooks can run as it, or the entry, asks for.
    fileprivate func checkIsolation(_ place: YAMLPlace) throws(YAMLError) {
        switch isolation {
        case .isolated:
            guard let point = HookPoint.allCases.first(where: { points.contains($0) && $0.isInWorker }) else { return }
            throw place.error(
                "isolated is for hooks on the server's side; \(point.name) runs in the worker: use inline or guarded")
        case .guarded:
            // Of a plugin that does not say, the loaded plugin tells.
            guard let language, language != "c" else { return }
            throw place.error("guarded is for plugins in C, and this one is in \(language); use inline")
        case .inline, nil: return
        }
    }
}
