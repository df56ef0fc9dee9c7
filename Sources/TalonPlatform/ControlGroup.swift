import Glibc

/// What the control group of this process, cgroups(7), and its ancestors allow it: version 2, else version 1.
///
/// A limit of an ancestor holds too, so the smallest counts.
package struct ControlGroup: Sendable {
    /// The contents of a file; nil if there is none.
    private let read: @Sendable (String) -> String?
    /// Folders of the group and of its ancestors, by controller.
    private let cpu: Folders
    private let memoryFolders: Folders

    /// Of this process.
    package init() {
        self.init { path in
            (try? FileDescriptor.contents(of: path)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// With these files. Where the group lies is found once: a process is seldom moved.
    package init(read: @escaping @Sendable (String) -> String?) {
        self.read = read
        let groups = read("/proc/self/cgroup") ?? ""
        let mounts = read("/proc/self/mountinfo") ?? ""
        cpu = Folders("cpu", groups, mounts)
        memoryFolders = Folders("memory", groups, mounts)
    }

    private struct Folders {
        let unified: [String]
        let former: [String]

        init(_ controller: String, _ groups: String, _ mounts: String) {
            unified = ControlGroup.folders(nil, groups, mounts)
            former = ControlGroup.folders(controller, groups, mounts)
        }
    }

    /// CPUs' worth of time that the quota allows; nil is no limit.
    package var cpuLimit: Double? {
        let unified = cpu.unified.compactMap { folder -> Double? in
            let words = (read(folder + "/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
            return words.count == 2 ? ratio(words[0], words[1]) : nil
        }
        let former = cpu.former.compactMap { folder -> Double? in
            guard let quota = read(folder + "/cpu.cfs_quota_us"), let period = read(folder + "/cpu.cfs_period_us")
            else { return nil }
            return ratio(trimmed(quota), trimmed(period))
        }
        return (unified + former).min()
    }

    /// "max" and -1 are no quota.
    private func ratio(_ quota: Substring, _ period: Substring) -> Double? {
        guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else { return nil }
        return quota / period
    }

    /// Bytes of memory that the group may have; nil is no limit.
    package var memoryLimit: UInt64? { memory.map(\.limit).min() }

    /// Bytes that the group may still take; nil is no limit. What the page cache can give back counts as free.
    package var memoryRoom: UInt64? {
        memory.map { group in
            let used = number(group.usage) ?? 0
            let cache = (read(group.statistics) ?? "").split(separator: "\n").first { $0.hasPrefix(group.cacheLine) }
            let free = cache.flatMap { UInt64($0.dropFirst(group.cacheLine.count)) } ?? 0
            let taken = used - min(used, free)
            return group.limit - min(group.limit, taken)
        }.min()
    }

    private struct Memory {
        let limit: UInt64
        /// Files.
        let usage: String
        let statistics: String
        let cacheLine: String
    }

    /// Version 1 says no limit with a number that is larger than any machine.
    private static let unlimited: UInt64 = 1 << 60

    private var memory: [Memory] {
        let unified = memoryFolders.unified.compactMap { folder in
            number(folder + "/memory.max").map {
                Memory(
                    limit: $0, usage: folder + "/memory.current", statistics: folder + "/memory.stat",
                    cacheLine: "inactive_file ")
            }
        }
        let former = memoryFolders.former.compactMap { folder in
            number(folder + "/memory.limit_in_bytes").map {
                Memory(
                    limit: $0, usage: folder + "/memory.usage_in_bytes", statistics: folder + "/memory.stat",
                    cacheLine: "total_inactive_file ")
            }
        }
        return (unified + former).filter { $0.limit < ControlGroup.unlimited }
    }

    private func number(_ path: String) -> UInt64? { read(path).flatMap { UInt64(trimmed($0)) } }

    private func trimmed(_ text: String) -> Substring { text.split(whereSeparator: \.isWhitespace).first ?? "" }

    /// The folders of the group and of its ancestors, as far up as they can be seen here.
    private static func folders(_ controller: String?, _ groups: String, _ mounts: String) -> [String] {
        guard let place = place(of: controller, groups, mounts) else { return [] }
        var names = place.inner.split(separator: "/")
        var found: [String] = []
        while true {
            found.append(([place.point[...]] + names).joined(separator: "/"))
            guard names.popLast() != nil else { return found }
        }
    }

    /// Where the group lies: in which file system, and where in that as far as it is seen here. `controller` nil: of
    /// version 2.
    static func place(
        of controller: String?, _ groups: String, _ mounts: String
    ) -> (point: String, inner: Substring)? {
        guard let group = path(of: controller, in: groups), let mount = mount(of: controller, in: mounts) else {
            return nil
        }
        return (mount.point, group.hasPrefix(mount.root) ? group.dropFirst(mount.root.count) : group[...])
    }

    /// The path in a line "0::/path" or "4:memory:/path" of /proc/self/cgroup. `controller` nil: of version 2.
    private static func path(of controller: String?, in groups: String) -> String? {
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",").map(String.init)
            if controller.map(controllers.contains) ?? controllers.isEmpty { return String(parts[2]) }
        }
        return nil
    }

    /// A line "36 35 98:0 /root /point options - type source options" of /proc/self/mountinfo, with any number of
    /// fields before the dash.
    private static func mount(of controller: String?, in mounts: String) -> (root: String, point: String)? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 3 else { continue }
            let isRight =
                controller.map {
                    fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").map(String.init).contains($0)
                } ?? (fields[dash + 1] == "cgroup2")
            if isRight { return (fields[3], fields[4]) }
        }
        return nil
    }
}
