import CTalonPlatform
import Glibc

/// What a process uses, read from proc(5).
package struct ProcessUsage: Equatable, Sendable {
    /// Memory that is resident.
    package let residentBytes: UInt64
    /// CPU time of all threads since it began, user and system; nanoseconds.
    package let cpuTime: UInt64
    package private(set) var threads = 0

    /// nil if there is no such process any more.
    package static func of(_ pid: Int32) -> ProcessUsage? {
        let fields = ProcessFile.stat("/proc/\(pid)")
        guard let resident = residentBytes(of: pid), fields.count > 17, let user = UInt64(fields[11]),
            let system = UInt64(fields[12]), let threads = Int(fields[17])
        else { return nil }
        let tick = nanosecondsPerSecond / UInt64(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessUsage(residentBytes: resident, cpuTime: (user + system) * tick, threads: threads)
    }

    /// Memory of a process that is resident: bytes. Cheaper than all of it.
    package static func residentBytes(of pid: Int32) -> UInt64? {
        let pages = ProcessFile.text("/proc/\(pid)/statm").split(separator: " ")
        return pages.count > 1 ? UInt64(pages[1]).map { $0 * UInt64(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    /// CPU use in percent of one core between two readings.
    package func cpuPercent(since earlier: ProcessUsage, elapsed: UInt64) -> Double {
        guard elapsed > 0, cpuTime >= earlier.cpuTime else { return 0 }
        return Double(cpuTime - earlier.cpuTime) / Double(elapsed) * 100
    }

    /// Before the first reading.
    package static let none = ProcessUsage(residentBytes: 0, cpuTime: 0)

    /// How many descriptors a process has open; nil if there is none such, or it is another user's. Linux 6.2 tells it
    /// as the size of the folder; before, the names are counted.
    package static func openDescriptors(of pid: Int32) -> Int? {
        var status = stat()
        guard stat("/proc/\(pid)/fd", &status) == 0 else { return nil }
        if status.st_size > 0 { return Int(status.st_size) }
        return (try? FileAccess.names(in: "/proc/\(pid)/fd"))?.count
    }
}
