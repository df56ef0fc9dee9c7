/// What the kernel says of one thread of another process; proc(5).
package struct ThreadState: Sendable {
    package let id: Int32
    package let name: String
    /// The letter: S sleeps, D waits for a device, R runs, T is stopped.
    package let state: String
    /// The kernel's function in which it waits; empty if it waits in none, or this process may not know.
    package let waitsIn: String
    /// Number of the system call that it is in; empty if it is in none, or this process may not know.
    package let systemCall: String

    /// Those of a process, the oldest first, at most `limit`; none if it is gone.
    package static func all(of pid: Int32, limit: Int = 64) -> [ThreadState] {
        let folder = "/proc/\(pid)/task"
        let ids = ((try? FileAccess.names(in: folder)) ?? []).compactMap { Int32($0) }.sorted()
        return ids.prefix(limit).map { id in
            let thread = "\(folder)/\(id)"
            func text(_ name: String) -> String { ProcessFile.text("\(thread)/\(name)") }
            let name = text("comm").split(separator: "\n", omittingEmptySubsequences: false).first.map { String($0) }
            let function = text("wchan")
            let call = text("syscall").prefix { !$0.isWhitespace }
            return ThreadState(
                id: id, name: name ?? "", state: ProcessFile.stat(thread).first.map { String($0) } ?? "",
                waitsIn: function == "0" ? "" : function, systemCall: Int(call) == nil ? "" : String(call))
        }
    }

    /// "sleeps in do_sys_poll, system call 7".
    package var phrase: String {
        let what =
            switch state {
            case "R": "runs"
            case "S", "I": "sleeps"
            case "D": "waits for a device"
            case "T", "t": "is stopped"
            default: "is in state \(state)"
            }
        return what + (waitsIn.isEmpty ? "" : " in \(waitsIn)")
            + (systemCall.isEmpty || systemCall == "-1" ? "" : ", system call \(systemCall)")
    }
}

extension Signal {
    /// Whether a process has a handler for it; proc(5).
    package func isCaught(by pid: Int32) -> Bool {
        let caught = ProcessFile.status("/proc/\(pid)", "SigCgt")
        guard let mask = caught.flatMap({ UInt64($0, radix: 16) }) else { return false }
        return rawValue > 0 && mask >> UInt64(rawValue - 1) & 1 == 1
    }
}
