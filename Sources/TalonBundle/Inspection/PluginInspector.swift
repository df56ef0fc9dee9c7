package import TalonHooks
import TalonPlatform

/// Finds the plugins that a server is to have, and verifies them; runs none of them.
package struct PluginInspector {
    private let query: PluginQuery
    private let trust: TrustStore
    private let emit: (PluginFinding) -> Bool
    private let crashes: CrashMemory
    /// Those taken, by id, and where each came from.
    private var taken: [String: String] = [:]
    /// Digest and resolved path of what was seen.
    private var seen: Set<String> = []
    private var isOpen = true

    /// The most plugins of a server.
    package static let limit = 64

    /// Tells all findings, in the order in which their hooks are called: those of the folders, then the entries.
    /// `emit` gets the sealed image with a plugin, and closes it; once it returns false, no more are told.
    package static func inspect(_ query: PluginQuery, emit: @escaping (PluginFinding) -> Bool) {
        var inspector = PluginInspector(query, emit)
        inspector.run()
    }

    private init(_ query: PluginQuery, _ emit: @escaping (PluginFinding) -> Bool) {
        self.query = query
        self.emit = emit
        trust = TrustStore(query.trustFolders)
        crashes = CrashMemory(folder: query.stateFolder)
    }

    private mutating func run() {
        for problem in trust.problems { tell(.remark("\(problem.path): \(problem.reason)")) }
        var list = PluginList()
        for folder in query.folders { list.add(folder: folder) }
        for (index, text) in query.entries.enumerated() {
            list.add(entry: text, source: query.entries.count == 1 ? "plugins" : "plugins[\(index)]")
        }
        for finding in list.findings { tell(finding) }
        for candidate in list.candidates {
            guard isOpen else { return }
            take(candidate, &list)
        }
        for entry in list.unused {
            tell(
                .refused(
                    origin: entry.id ?? "",
                    reason: "is configured in \(entry.source), and no plugin of this id can be used; "
                        + "a .so file without a manifest is configured by its path", isNamed: true))
        }
    }

    private mutating func tell(_ finding: PluginFinding) {
        if isOpen { isOpen = emit(finding) }
    }

    private mutating func take(_ candidate: PluginList.Candidate, _ list: inout PluginList) {
        // One that is switched off by its path is not even read.
        if candidate.entry?.isEnabled == false { return }
        var isNamed = candidate.entry != nil
        do throws(PluginError) {
            let source: PluginSource
            do throws(PluginError) {
                source = try PluginSource.read(candidate.path, trust: trust, policy: query.policy)
            } catch {
                // Who is configured by the name of its file is named, though nothing else is known of it.
                if let entry = list.entry(for: PluginSource.stem(of: candidate.path)) {
                    if !entry.isEnabled { return }
                    isNamed = true
                }
                throw error
            }
            var keeps = false
            defer { if !keeps { source.close() } }
            let configured = list.entry(for: source.id)
            let entry = candidate.entry ?? configured
            isNamed = entry != nil
            guard entry?.isEnabled != false else { return }
            let place = FileAccess.resolved(candidate.path) ?? candidate.path
            guard seen.insert("\(source.digest) \(place)").inserted else { return }
            var description = try source.describe(entry)
            description.isNamed = isNamed
            try check(description, source)
            taken[description.id] = description.origin
            for remark in source.remarks { tell(.remark(remark)) }
            keeps = isOpen
            tell(.plugin(ResolvedPlugin(description, source.image)))
        } catch {
            // The finding names the plugin; the file at fault is named if it is another.
            let reason = error.path == candidate.path ? error.reason : "\(error.path): \(error.reason)"
            tell(.refused(origin: candidate.path, reason: reason, isNamed: isNamed))
        }
    }

    private func check(_ description: PluginDescription, _ source: PluginSource) throws(PluginError) {
        let path = description.origin
        if let reason = crashes.isRemembered(source.digest) {
            throw PluginError(
                .crashed, path: path,
                reason: "crashed when it was last loaded (\(reason)); change it, or `talon plugin forget \(path)`")
        }
        if let other = taken[description.id] {
            throw PluginError(
                .malformed, path: path,
                reason: "has the id \(description.id), which \(other) has too; remove one of them")
        }
        guard taken.count < PluginInspector.limit else {
            throw PluginError(
                .malformed, path: path, reason: "is one too many: a server has \(PluginInspector.limit) plugins at most"
            )
        }
        guard description.encoded.count < 1 << 19 else {
            throw PluginError(.malformed, path: path, reason: "has more settings than a server can keep (512 KiB)")
        }
    }
}
