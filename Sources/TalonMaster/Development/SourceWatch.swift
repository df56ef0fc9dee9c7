import TalonPlatform
import TalonSettings

/// Development reload: the files of which the application is made, and when one of them has changed.
///
/// Workers tell their modules' files by a pipe; `reload_extra_files` adds others. inotify only says when to look: what
/// has changed is told by comparing fingerprints, which is all that polling does.
final class SourceWatch {
    /// Workers write paths to it.
    let notes: NotePipe
    private let folders: FolderWatch?
    private let patterns: [String]
    private let log: ErrorLog
    private var files: [String: FileFingerprint] = [:]
    /// When to compare next; nil if nothing has to be. CLOCK_MONOTONIC, nanoseconds.
    private(set) var nextDeadline: UInt64?

    /// An application of more files is not watched further.
    private static let limit = 50_000
    private static let pollInterval = nanosecondsPerSecond
    /// Editors and version control change several files, one after the other.
    private static let settleTime = nanosecondsPerSecond / 10

    static func of(
        _ settings: ServerSettings, _ program: WorkerProgram, _ log: ErrorLog
    ) throws(StartError) -> SourceWatch {
        do {
            var folders: FolderWatch?
            if settings.reloadEngine != "poll" {
                do {
                    folders = try FolderWatch()
                } catch {
                    guard settings.reloadEngine == "auto" else { throw error }
                    log.info("Changes of files are found by polling: \(error)")
                }
            }
            let watch = SourceWatch(
                notes: try NotePipe(), folders: folders, patterns: settings.reloadExtraFiles, log: log)
            if case .native(let path) = program { watch.add(path) }
            return watch
        } catch {
            throw StartError("talon: --reload: \(error)", status: 1)
        }
    }

    private init(notes: NotePipe, folders: FolderWatch?, patterns: [String], log: ErrorLog) {
        self.notes = notes
        self.folders = folders
        self.patterns = patterns.map { $0.hasPrefix("/") ? $0 : "\(ThisProcess.directory ?? "")/\($0)" }
        self.log = log
        if folders == nil || !patterns.isEmpty { nextDeadline = MonotonicClock.now() + SourceWatch.pollInterval }
        for pattern in self.patterns { for path in FileAccess.paths(matching: pattern) { add(path) } }
    }

    var descriptors: [FileDescriptor] { [notes.descriptor] + (folders.map { [$0.descriptor] } ?? []) }

    /// A file that has changed since it was looked at last; nil if none has. Reads what there is, waits for nothing.
    func changed(_ now: UInt64) -> String? {
        for path in notes.take() where path.hasPrefix("/") { add(path) }
        if folders?.take() == true { nextDeadline = min(nextDeadline ?? .max, now + SourceWatch.settleTime) }
        guard let time = nextDeadline, now >= time else { return nil }
        nextDeadline = folders == nil || !patterns.isEmpty ? now + SourceWatch.pollInterval : nil
        return compare()
    }

    private func add(_ path: String) {
        guard files[path] == nil, files.count < SourceWatch.limit else { return }
        files[path] = FileFingerprint(path)
        if !watchFolder(of: path) { pollSoon() }
    }

    /// False if it cannot be: fs.inotify.max_user_watches is reached, or it is gone, for the moment perhaps.
    private func watchFolder(of path: String) -> Bool {
        guard let folders, let slash = path.lastIndex(of: "/") else { return true }
        let folder = String(path[..<slash])
        return folders.add(folder.isEmpty ? "/" : folder)
    }

    private func pollSoon() {
        nextDeadline = min(nextDeadline ?? .max, MonotonicClock.now() + SourceWatch.pollInterval)
    }

    private func compare() -> String? {
        var found: String?
        for pattern in patterns {
            for path in FileAccess.paths(matching: pattern) where files[path] == nil {
                add(path)
                found = found ?? path
            }
        }
        for (path, old) in files {
            let new = FileFingerprint(path)
            // One that is gone is about to come back, or nobody needs it any more.
            guard new != old, !new.isMissing else { continue }
            files[path] = new
            found = found ?? path
        }
        // Version control and installers make folders anew.
        for path in files.keys where !watchFolder(of: path) { pollSoon() }
        return found
    }
}

extension Master {
    /// Reloads all workers when a file of the application has changed.
    func reloadIfChanged(_ now: UInt64) {
        guard let path = sources?.changed(now), supervisor.isRunning else { return }
        log.info("Worker reloading: \(path) modified")
        reload()
    }
}
