import TalonHooks
import TalonPlatform
import TalonYAML

/// The plugins to look at, in order: what the folders hold, then what the entries name.
struct PluginList {
    struct Candidate {
        let path: String
        /// nil if a folder holds it and no entry names its path.
        var entry: PluginEntry?
    }

    private(set) var candidates: [Candidate] = []
    /// What is wrong with folders and entries themselves.
    private(set) var findings: [PluginFinding] = []
    /// Entries that configure a plugin by its id, and whether one was found.
    private var byID: [(entry: PluginEntry, isUsed: Bool)] = []
    /// Candidates by their path without links.
    private var places: [String: Int] = [:]

    /// A folder or list of entries with more is refused, before each is read.
    private static let limit = 1000

    /// Takes the plugins of a drop-in folder, in the order of their names. One that is missing is empty.
    mutating func add(folder: String) {
        guard let status = FileAccess.status(of: folder) else { return }
        guard status.kind == .folder, let names = try? FileAccess.names(in: folder) else {
            return refuse(folder, "is no folder that can be read; it is the setting plugin_dir", isNamed: true)
        }
        // Even if it is sticky: in /tmp anybody can add a plugin.
        guard !status.isWritableByOthers else {
            return refuse(
                folder,
                "is a plugin folder that everybody may write to, and nothing in it is loaded; run chmod o-w on it",
                isNamed: false)
        }
        for name in names where PluginList.isPlugin(name, in: folder) {
            add(Candidate(path: Path.join(folder, name), entry: nil))
        }
    }

    /// Takes an entry of the setting `plugins`.
    mutating func add(entry text: String, source: String) {
        do {
            for entry in try PluginEntry.parse(text, source: source) {
                if let path = entry.path {
                    add(Candidate(path: path, entry: entry))
                } else if byID.contains(where: { $0.entry.id == entry.id }) {
                    refuse(
                        entry.id ?? "", "is configured twice, again in \(source); leave one of the two out",
                        isNamed: true)
                } else {
                    byID.append((entry, false))
                }
            }
        } catch {
            findings.append(.refused(origin: source, reason: error.description, isNamed: true))
        }
    }

    /// The entry that configures the plugin `id`, which counts as used from now on.
    mutating func entry(for id: String) -> PluginEntry? {
        guard let index = byID.firstIndex(where: { $0.entry.id == id }) else { return nil }
        byID[index].isUsed = true
        return byID[index].entry
    }

    /// Entries for ids that nobody has.
    var unused: [PluginEntry] { byID.filter { !$0.isUsed && $0.entry.isEnabled }.map(\.entry) }

    /// What is found again keeps its place, and is what the entry says.
    private mutating func add(_ candidate: Candidate) {
        let place = FileAccess.resolved(candidate.path) ?? candidate.path
        if let index = places[place] {
            if let entry = candidate.entry, candidates[index].entry == nil { candidates[index].entry = entry }
            return
        }
        guard candidates.count < PluginList.limit else {
            return refuse(
                candidate.path, "is not looked at: there are more than \(PluginList.limit) plugins",
                isNamed: candidate.entry != nil)
        }
        places[place] = candidates.count
        candidates.append(candidate)
    }

    private mutating func refuse(_ origin: String, _ reason: String, isNamed: Bool) {
        // Not as many sentences as there are files in a folder gone wrong.
        guard findings.count < PluginList.limit else { return }
        findings.append(.refused(origin: origin, reason: reason, isNamed: isNamed))
    }

    private static func isPlugin(_ name: String, in folder: String) -> Bool {
        guard !name.hasPrefix("."), !name.hasSuffix(".disabled") else { return false }
        if name.hasSuffix(Archive.suffix) { return FileAccess.status(of: Path.join(folder, name))?.kind == .folder }
        return [".so", ".yaml", ".yml", ".tar.gz"].contains { name.hasSuffix($0) }
    }
}
