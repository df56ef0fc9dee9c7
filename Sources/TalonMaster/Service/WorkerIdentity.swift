import Glibc
import TalonPlatform
import TalonSettings

/// Whom workers and exporter run as. The master keeps its user, and so do hook runners, whose hooks are of its side.
enum WorkerIdentity {
    /// nil if they are to run as who the master is.
    static func find(_ settings: ServerSettings) throws(StartError) -> ProcessIdentity? {
        guard settings.user != nil || settings.group != nil else { return nil }
        let own = ProcessIdentity.current
        let user = try settings.user.map { text throws(StartError) in try number(text, "user", ProcessIdentity.user) }
        let named = try settings.group.map { text throws(StartError) in
            try number(text, "group", ProcessIdentity.group)
        }
        let group = named ?? user.flatMap { ProcessIdentity.primaryGroup(ofUser: $0) } ?? own.group
        guard (user ?? own.user) != own.user || group != own.group else { return nil }
        guard ThisProcess.isRoot else {
            let flag = user == nil ? "-g/--group" : "-u/--user"
            throw StartError("talon: \(flag): only root may start workers as another user or group", status: 1)
        }
        var groups = [group]
        if settings.initializesGroups, let all = ProcessIdentity.groups(ofUser: user ?? own.user, with: group) {
            groups = all
        }
        return ProcessIdentity(user: user ?? own.user, group: group, groups: groups)
    }

    private static func number(
        _ text: String, _ kind: String, _ find: (String) -> UInt32?
    ) throws(StartError) -> UInt32 {
        guard let number = find(text) else {
            throw StartError("talon: --\(kind): No such \(kind): '\(text)'; give a name or a number", status: 1)
        }
        return number
    }
}

/// What lies in files and is to be written by workers of another user.
extension Master {
    /// The log files; made before a worker opens them. In their folder it may make none.
    func giveLogFiles() {
        guard let identity = children.identity else { return }
        for path in [settings.errorLog, settings.accessLog].compactMap({ $0 }) where path != "-" {
            if let file = try? FileDescriptor.open(path, flags: O_WRONLY | O_CREAT | O_NONBLOCK) { file.close() }
            FileAccess.give(path, to: identity)
        }
    }

    /// The folder of the metric files, and what is in it, if it is the master's own.
    func giveMetricFiles() {
        guard settings.metricsEnabled, let identity = children.identity else { return }
        let folder = settings.metricsDirectory
        guard FileAccess.isOwnFolder(folder) else { return }
        for name in (try? FileAccess.names(in: folder)) ?? [] where name.hasSuffix(".db") || name.hasSuffix(".records")
        {
            FileAccess.give("\(folder)/\(name)", to: identity)
        }
        FileAccess.give(folder, to: identity)
    }
}
