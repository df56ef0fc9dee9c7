import Glibc

/// What belongs to a process as a whole, and what a guest in it should leave as it found it.
package struct ProcessSnapshot: Equatable, Sendable {
    package enum Part: String, CaseIterable, Sendable {
        case descriptors
        case threads
        case signalMask = "signal mask"
        case signalActions = "signal actions"
        case directory
        case umask
        case environment
        case locale
    }

    /// Of each part, names and values: descriptors by number, variables by name, ...
    private let parts: [Part: [String: String]]

    /// Of the calling process; the signal mask is that of the calling thread.
    package static func take() -> ProcessSnapshot {
        var parts: [Part: [String: String]] = [:]
        parts[.descriptors] = descriptors()
        parts[.threads] = threads()
        (parts[.signalMask], parts[.signalActions]) = signals()
        parts[.directory] = ["": ThisProcess.directory ?? "gone"]
        parts[.umask] = ["": status("Umask") ?? "unknown"]
        parts[.environment] = Dictionary(
            ThisProcess.environment().map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        parts[.locale] = ["": setlocale(LC_ALL, nil).map { String(cString: $0) } ?? "unknown"]
        return ProcessSnapshot(parts: parts)
    }

    /// What is different in a later one, a phrase each. Values of the environment, which may be secrets, are left out.
    package func changes(to later: ProcessSnapshot) -> [(part: Part, phrase: String)] {
        var changes: [(Part, String)] = []
        for part in Part.allCases {
            let (old, new) = (parts[part] ?? [:], later.parts[part] ?? [:])
            for name in Set(old.keys).union(new.keys).sorted(by: { ($0.count, $0) < ($1.count, $1) })
            where old[name] != new[name] {
                changes.append((part, ProcessSnapshot.phrase(part, name, old[name], new[name])))
            }
        }
        return changes
    }

    private static func phrase(_ part: Part, _ name: String, _ old: String?, _ new: String?) -> String {
        let (was, now) = (old ?? "", new ?? "")
        switch part {
        case .descriptors:
            if old == nil { return "descriptor \(name) is left open (\(now))" }
            return new == nil
                ? "descriptor \(name) was closed (\(was))" : "descriptor \(name) is now \(now), not \(was)"
        case .threads: return old == nil ? "a thread is left running (\(now))" : "a thread has ended (\(was))"
        case .signalMask: return old == nil ? "\(name) is blocked" : "\(name) is no longer blocked"
        case .signalActions: return "\(name) now has \(now), not \(was)"
        case .directory: return "the current directory is now \(now), not \(was)"
        case .umask: return "the umask is now \(now), not \(was)"
        case .environment:
            if old == nil { return "the variable \(name) is set" }
            return new == nil ? "the variable \(name) is removed" : "the variable \(name) is changed"
        case .locale: return "the locale is now \(now), not \(was)"
        }
    }
}

extension ProcessSnapshot {
    private static func descriptors() -> [String: String] {
        var open: [String: String] = [:]
        forEachName(in: "/proc/self/fd") { name in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(name)", &target, target.count)
            open[name] =
                count < 0
                ? "unknown" : String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return open
    }

    private static func threads() -> [String: String] {
        var threads: [String: String] = [:]
        forEachName(in: "/proc/self/task") { id in
            let name = (try? FileDescriptor.contents(of: "/proc/self/task/\(id)/comm", limit: 64)) ?? []
            threads[id] = String(decoding: name.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        return threads
    }

    private static func signals() -> (mask: [String: String], actions: [String: String]) {
        var mask: [String: String] = [:]
        var actions: [String: String] = [:]
        var set = sigset_t()
        sigemptyset(&set)
        pthread_sigmask(SIG_BLOCK, nil, &set)
        for number in Int32(1)...64 {
            let name = Signal(number).name
            if sigismember(&set, number) == 1 { mask[name] = "blocked" }
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { continue }  // libc's own two
            switch unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) {
            case 0: actions[name] = "the default action"
            case 1: actions[name] = "no effect"
            case let address: actions[name] = "a handler at 0x\(String(address, radix: 16))"
            }
        }
        return (mask, actions)
    }

    /// A field of /proc/self/status.
    private static func status(_ field: String) -> String? {
        guard let bytes = try? FileDescriptor.contents(of: "/proc/self/status", limit: 16384) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(field):") }
        return line.map { String($0.dropFirst(field.count + 1).drop { $0 == "\t" || $0 == " " }) }
    }

    /// The names in a folder of /proc, without the descriptor that reading it takes.
    private static func forEachName(in path: String, _ body: (String) -> Void) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        let own = path.hasSuffix("/fd") ? "\(dirfd(directory))" : ""
        while let entry = readdir(directory) {
            let name = entry.name
            if !name.hasPrefix("."), name != own { body(name) }
        }
    }
}
