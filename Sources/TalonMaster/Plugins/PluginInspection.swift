import Glibc
import TalonHooks
import TalonPlatform
import TalonSettings

/// Asks the plugin inspector which plugins there are. The master parses nothing of theirs.
struct PluginInspection {
    /// The inspector's program.
    let tool: String
    let query: PluginQuery
    /// What to start, given the inspector's end of the socket.
    let describe: (PluginQuery, FileDescriptor) throws(SystemError) -> ProcessDescription
    /// Nanoseconds.
    var limit = 20 * nanosecondsPerSecond

    /// Why there is no answer: a sentence.
    struct Failure: Error {
        let reason: String
    }

    /// What it found. The caller closes the images.
    func run() throws(Failure) -> [PluginFinding] {
        guard !isIdle else { return [] }
        let process: ChildProcess
        let ours: FileDescriptor
        do {
            let ends = try SocketPair.open()
            ours = ends.0
            defer { ends.1.close() }
            do {
                process = try ChildProcess.spawn(try describe(query, ends.1))
            } catch {
                ours.close()
                throw error
            }
        } catch {
            throw Failure(reason: "the plugin inspector \(tool) cannot be started: \(error); install Talon anew")
        }
        var channel = InspectionChannel(socket: ours)
        do throws(InspectionChannel.Failure) {
            let findings = try channel.receiveAll(before: MonotonicClock.now() + limit)
            ours.close()
            _ = end(process, patience: 1000)
            return findings
        } catch {
            ours.close()
            let status = end(process, patience: error == .ended ? 1000 : 0)
            throw Failure(reason: "the plugin inspector \(tool) \(phrase(error, status))")
        }
    }

    /// No entries, and no folder that holds anything: nothing to look at.
    private var isIdle: Bool { query.entries.isEmpty && query.folders.allSatisfy(PluginInspection.isEmpty) }

    private static func isEmpty(_ folder: String) -> Bool {
        do {
            return try FileAccess.names(in: folder).isEmpty
        } catch {
            // One that cannot be read is the inspector's to complain of.
            return error.errno == ENOENT
        }
    }

    private func end(_ process: ChildProcess, patience: Int32) -> ExitStatus? {
        if process.descriptor.waitUntil(1, timeoutMilliseconds: patience), let status = process.reap() { return status }
        process.killAndReap()
        return nil
    }

    private func phrase(_ failure: InspectionChannel.Failure, _ status: ExitStatus?) -> String {
        switch failure {
        case .ended: "\(status?.phrase ?? "closed its socket") before it was done"
        case .malformed: "answered nonsense; install Talon anew"
        case .late: "did not answer within \(limit / nanosecondsPerSecond) s"
        }
    }
}

extension ServerSettings {
    /// What to ask the inspector. Relative paths are relative to `directory`.
    func pluginQuery(in directory: String) -> PluginQuery {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        return PluginQuery(
            entries: plugins, folders: pluginFolders.map(absolute),
            policy: PluginPolicy(rawValue: pluginPolicy) ?? .requireSignature,
            trustFolders: pluginTrust.map(absolute), stateFolder: absolute(pluginState))
    }
}
