import Glibc

/// What of the machine this process may use.
package enum Machine {
    /// CPUs on which the process may run: its affinity, which a cpuset narrows. At least 1.
    package static var cpuCount: Int {
        let allowed = ProcessFile.status("/proc/self", "Cpus_allowed_list").flatMap { count(list: $0) }
        return max(1, allowed ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Bytes of memory.
    package static var memory: UInt64 {
        UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Its name, as gethostname(2) has it; in a container, the container's.
    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How many numbers a list like "0-3,7" has; nil if it is none.
    static func count(list: some StringProtocol) -> Int? {
        var count = 0
        for range in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = range.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, last >= first else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }
}
