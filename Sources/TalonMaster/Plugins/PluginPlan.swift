import TalonHooks

/// What is to be done with what the inspector found, given the plugins that are in use. Pure.
struct PluginPlan {
    enum Step {
        /// Nothing about it has changed.
        case keep(PluginMember)
        /// New, or changed: `old` is the one in use.
        case load(ResolvedPlugin, old: PluginMember?)
        /// Its file cannot be used; `old` is the one in use.
        case refuse(origin: String, reason: String, isNamed: Bool, old: PluginMember?)
        case remark(String)
    }

    /// In declared order.
    private(set) var steps: [Step] = []

    init(_ findings: [PluginFinding], inUse: [PluginMember]) {
        // Each is matched once: one file may be named twice, with other settings.
        var rest = inUse
        func take(where matches: (PluginMember) -> Bool) -> PluginMember? {
            rest.firstIndex(where: matches).map { rest.remove(at: $0) }
        }
        var unchanged: [Int: PluginMember] = [:]
        for (place, finding) in findings.enumerated() {
            guard case .plugin(let plugin) = finding else { continue }
            unchanged[place] = take { $0.found == plugin.description }
        }
        for (place, finding) in findings.enumerated() {
            switch finding {
            case .plugin(let plugin):
                if let member = unchanged[place] {
                    steps.append(.keep(member))
                } else {
                    let found = plugin.description
                    let old = take { $0.found.origin == found.origin } ?? take { $0.id == found.id }
                    steps.append(.load(plugin, old: old))
                }
            case .refused(let origin, let reason, let isNamed):
                let old = take { $0.found.origin == origin }
                steps.append(.refuse(origin: origin, reason: reason, isNamed: isNamed, old: old))
            case .remark(let text): steps.append(.remark(text))
            }
        }
    }
}
