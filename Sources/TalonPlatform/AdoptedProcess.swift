import CTalonPlatform
import Glibc

/// Children that this process has not started: orphans of its children, when it is a subreaper or process 1.
package enum AdoptedProcess {
    /// Their pids, those included that have ended and are not reaped. `started`: the children that are none of them.
    /// By proc(5); only in a process with one thread.
    package static func all(besides started: Set<Int32>) -> [Int32] {
        let path = "/proc/self/task/\(getpid())/children"
        let children = (try? FileDescriptor.contents(of: path)).map(numbers) ?? byParent()
        return children.filter { !started.contains($0) }
    }

    /// How one has ended; nil while it lives.
    package static func reap(_ pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        let result = retrying { Int(waitpid(pid, &status, WNOHANG)) }
        // ECHILD: it is no child any more.
        return result == 0 ? nil : ExitStatus(waitStatus: status)
    }

    private static func numbers(_ bytes: [UInt8]) -> [Int32] {
        bytes.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }

    /// For kernels without that file.
    private static func byParent() -> [Int32] {
        ((try? FileAccess.names(in: "/proc")) ?? []).compactMap { name in
            // Behind the state comes the parent.
            guard let pid = Int32(name) else { return nil }
            let fields = ProcessFile.stat("/proc/\(pid)")
            guard fields.count > 1, Int32(fields[1]) == getpid() else { return nil }
            return pid
        }
    }
}
