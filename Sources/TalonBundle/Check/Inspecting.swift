import TalonHooks
import TalonPlatform
import TalonSettings

/// What the plugin inspector, started as a child, says of one file: the same that it would tell a master.
struct Inspecting {
    /// As messages name it.
    private let file: String
    /// Absent if it is refused.
    let plugin: ResolvedPlugin?
    /// Why it is refused, in a sentence.
    let refusal: String?
    /// What a server's log would say of it.
    let remarks: [String]

    /// The plugin, if it is not refused.
    func accepted() throws(ToolFailure) -> ResolvedPlugin {
        guard let plugin else { throw ToolFailure("plugin \(file): \(refusal ?? "is refused")") }
        return plugin
    }

    /// The same of a file that is about to be moved from one folder to another.
    func renamed(_ folder: String, to target: String) -> Inspecting {
        func renamed(_ text: String) -> String { text.replacing("\(folder)/", with: "\(target)/") }
        return Inspecting(
            file: renamed(file), plugin: plugin, refusal: refusal.map(renamed), remarks: remarks.map(renamed))
    }

    /// `limit`: nanoseconds. `state`: the folder of the crash memory; a check has none, and so tries what crashed.
    static func of(
        _ file: String, policy: PluginPolicy, trustFolders: [String], limit: UInt64,
        config: [(key: String, value: String)] = [], state: String = "/nonexistent"
    ) throws(ToolFailure) -> Inspecting {
        // As a mapping: a path alone may look like one.
        let settings = JSON.object(config.map { ($0.key, .text($0.value)) })
        let entry = JSON.object([("path", .text(file.absolutePath)), ("config", settings)]).encoded
        let query = PluginQuery(
            entries: [entry], folders: [], policy: policy, trustFolders: trustFolders, stateFolder: state)
        let findings: [PluginFinding]
        do {
            findings = try ask(query, limit)
        } catch let failure as Died {
            return Inspecting(file: file, plugin: nil, refusal: failure.reason, remarks: [])
        } catch {
            throw ToolFailure("the plugin inspector cannot be started: \(error)")
        }
        var plugin: ResolvedPlugin?
        var refusal: String?
        var remarks: [String] = []
        for finding in findings {
            switch finding {
            case .plugin(let found): plugin = found
            case .refused(_, let reason, _): refusal = reason
            case .remark(let text): remarks.append(text)
            }
        }
        if plugin == nil, refusal == nil { refusal = "the plugin inspector found no plugin there" }
        return Inspecting(file: file, plugin: refusal == nil ? plugin : nil, refusal: refusal, remarks: remarks)
    }

    private struct Died: Error {
        let reason: String
    }

    private static func ask(_ query: PluginQuery, _ limit: UInt64) throws -> [PluginFinding] {
        let facts = try SealedFile.create(name: "talon-query", contents: query.encoded)
        let (ours, theirs) = try SocketPair.open()
        defer { ours.close() }
        let child = try ToolChild.spawn("plugin-inspector", [facts, theirs], handedOver: [facts, theirs])
        var channel = InspectionChannel(socket: ours)
        do {
            let findings = try channel.receiveAll(before: MonotonicClock.now() + limit)
            child.killAndReap()
            return findings
        } catch {
            let hasEnded = error != .late && child.descriptor.waitUntil(1, timeoutMilliseconds: 1000)
            if hasEnded, let status = child.reap() {
                throw Died(reason: "reading it failed: the inspector \(status.phrase)")
            }
            child.killAndReap()
            throw Died(reason: "reading it was not done within \(limit / nanosecondsPerSecond) s")
        }
    }
}
