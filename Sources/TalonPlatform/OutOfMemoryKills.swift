import Glibc

/// The processes of this control group that the kernel has killed for want of memory, by the counter `oom_kill` of
/// cgroups(7): `memory.events` of version 2, `memory.oom_control` of version 1.
///
/// The counter does not say which process it was. So a KILL that nobody here sent is put down to it if the counter has
/// risen just before; a rise that finds no such KILL is forgotten.
package struct OutOfMemoryKills {
    /// nil where there is no such counter: then nothing is ever put down to it.
    private let path: String?
    /// What the counter was when all that it had counted was claimed or forgotten.
    private var settled: UInt64
    /// What it was at the last look.
    private var seen: UInt64

    /// Of the control group of this process.
    package init() {
        let groups = OutOfMemoryKills.text("/proc/self/cgroup") ?? ""
        let mounts = OutOfMemoryKills.text("/proc/self/mountinfo") ?? ""
        let paths = OutOfMemoryKills.candidates(groups: groups, mounts: mounts)
        self.init(path: paths.first { OutOfMemoryKills.count($0) != nil })
    }

    /// With the counter in this file.
    package init(path: String?) {
        self.path = path
        seen = path.flatMap(OutOfMemoryKills.count) ?? 0
        settled = seen
    }

    /// Forgets what was counted before the last look. Call it about once a second.
    package mutating func look() {
        settled = max(settled, seen)
        seen = path.flatMap(OutOfMemoryKills.count) ?? seen
    }

    /// Whether a process that a KILL has ended is one of those that were counted; each counts for one.
    package mutating func claim() -> Bool {
        guard let path, let now = OutOfMemoryKills.count(path), now > settled else { return false }
        settled += 1
        return true
    }

    /// Where the counter may be, by the contents of /proc/self/cgroup and /proc/self/mountinfo, the best first. A
    /// container sees its own group as the root of the file system, whatever the path says.
    static func candidates(groups: String, mounts: String) -> [String] {
        var found: [String] = []
        for (isUnified, file) in [(true, "memory.events"), (false, "memory.oom_control")] {
            guard let place = ControlGroup.place(of: isUnified ? nil : "memory", groups, mounts) else { continue }
            for path in [place.point + "/" + place.inner, place.point] {
                found.append((path + "/" + file).split(separator: "/").reduce("") { $0 + "/" + $1 })
            }
        }
        return found
    }

    private static func count(_ path: String) -> UInt64? {
        let line = text(path)?.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { UInt64($0.dropFirst("oom_kill ".count)) }
    }

    private static func text(_ path: String) -> String? {
        (try? FileDescriptor.contents(of: path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
