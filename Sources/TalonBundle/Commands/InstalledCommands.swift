import TalonHooks
import TalonPlatform

extension Command {
    static let list = Command(
        "list", "Lists the plugins of the drop-in folders, without running them.",
        details: ["A plugin is listed as a server would find it at its next start or reload."],
        options: [
            Option(
                "--dir", value: "DIR",
                help: "Drop-in folder. [/etc/talon/plugins.d and $XDG_CONFIG_HOME/talon/plugins.d]"),
            .policy, .trust,
        ],
        failure: "a plugin would be refused, or a folder cannot be read"
    ) { invocation throws(ToolFailure) in
        var lines: [String] = []
        var plugins: [JSON] = []
        var isGood = true
        for folder in invocation.dropInFolders {
            for entry in try folder.entries() {
                let listed = try Listed(entry, invocation, exposure: folder.exposure)
                lines.append(listed.line)
                plugins.append(listed.json)
                isGood = isGood && listed.refusal == nil
            }
        }
        let folders = invocation.dropInFolders.map(\.path)
        if lines.isEmpty { lines = ["no plugin in \(folders.joined(separator: " or "))"] }
        return Report(
            lines, [("folders", JSON.texts(folders)), ("plugins", .list(plugins))], isGood: isGood)
    }

    static let enable = Command(
        "enable", operand: "NAME", "Lets a server load an installed plugin again, from its next start or reload.",
        details: [InstalledCommands.names], options: [.installedFolder],
        failure: "there is no such plugin, or it cannot be renamed"
    ) { invocation throws(ToolFailure) in try InstalledCommands.rename(invocation, enabled: true) }

    static let disable = Command(
        "disable", operand: "NAME", "Keeps an installed plugin from being loaded: its name gets .disabled.",
        details: [InstalledCommands.names], options: [.installedFolder],
        failure: "there is no such plugin, or it cannot be renamed"
    ) { invocation throws(ToolFailure) in try InstalledCommands.rename(invocation, enabled: false) }

    static let remove = Command(
        "remove", operand: "NAME", "Deletes an installed plugin.", details: [InstalledCommands.names],
        options: [.installedFolder], failure: "there is no such plugin, or it cannot be deleted"
    ) { invocation throws(ToolFailure) in
        let entry = try invocation.installed()
        // Gone at once, however long deleting takes.
        let grave = "\(entry.folder)/.\(entry.name).removed-\(ThisProcess.pid)"
        try InstalledCommands.move(entry.path, to: grave)
        FileAccess.remove(tree: grave)
        return Report(["removed \(entry.path)"], [("file", .text(entry.path))])
    }
}

extension Command.Option {
    fileprivate static let installedFolder = Command.Option(
        "--dir", value: "DIR", help: "Drop-in folder. [/etc/talon/plugins.d and $XDG_CONFIG_HOME/talon/plugins.d]")
}

enum InstalledCommands {
    static let names =
        "NAME is a file's name in a drop-in folder, whole or without its ending: hello for hello.so. "
        + "A server that runs sees the change at its next reload (HUP)."

    static func rename(_ invocation: Invocation, enabled: Bool) throws(ToolFailure) -> Report {
        let entry = try invocation.installed()
        let state = enabled ? "enabled" : "disabled"
        let target = DropInFolder.Entry(folder: entry.folder, name: entry.name, isEnabled: enabled)
        let fields: [(name: String, value: JSON)] = [("file", .text(target.path)), ("enabled", .truth(enabled))]
        guard entry.isEnabled != enabled else { return Report(["\(entry.path) is \(state) already"], fields) }
        guard FileAccess.status(of: target.path, followingLinks: false) == nil else {
            throw ToolFailure("\(target.path) is there already; remove one of the two")
        }
        try move(entry.path, to: target.path)
        return Report(["\(state) \(target.path)"], fields)
    }

    static func move(_ path: String, to target: String) throws(ToolFailure) {
        do {
            try FileAccess.renameNew(path, to: target)
        } catch {
            throw ToolFailure("\(path) cannot be renamed: \(SystemError.text(of: error.errno))")
        }
    }
}

/// A line of the list.
private struct Listed {
    let entry: DropInFolder.Entry
    /// Why a server would refuse it; nil if it would not, or does not look at it.
    let refusal: String?
    private let description: PluginDescription?

    init(_ entry: DropInFolder.Entry, _ invocation: Invocation, exposure: String?) throws(ToolFailure) {
        self.entry = entry
        guard entry.isEnabled, exposure == nil else {
            (refusal, description) = (entry.isEnabled ? exposure : nil, nil)
            return
        }
        let inspected = try Inspecting.of(
            entry.path, policy: invocation.policy, trustFolders: invocation.trustFolders,
            limit: 10 * nanosecondsPerSecond)
        (refusal, description) = (inspected.refusal, inspected.plugin?.description)
    }

    private var state: String { refusal != nil ? "refused" : entry.isEnabled ? "enabled" : "disabled" }
    private var hooks: [String] { description?.bindings.map(\.point.name) ?? [] }

    var line: String {
        let version = description.map { $0.version.isEmpty ? $0.id : "\($0.id) \($0.version)" }
        let more = [version, hooks.isEmpty ? nil : hooks.joined(separator: ", "), refusal].compactMap { $0 }
        return "\(state.padded(to: 8))  \(entry.path)" + more.map { "  \($0)" }.joined()
    }

    var json: JSON {
        .object([
            ("file", .text(entry.path)), ("name", .text(entry.name)), ("state", .text(state)),
            ("id", .optional(description?.id)), ("version", .optional(description?.version)),
            ("hooks", JSON.texts(hooks)), ("reason", .optional(refusal)),
        ])
    }
}
