import Glibc

/// Limits on what this process may use; setrlimit(2). They cannot be raised again.
package enum ResourceLimit {
    /// For a process that runs code, or reads files, which nobody knows: no core file, and of memory, files and CPU time no more than a
    /// plugin can need. `cpuSeconds` is the CPU time, after which the process is killed.
    package static func confine(cpuSeconds: UInt64) {
        set(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        set(__rlimit_resource_t(RLIMIT_CPU.rawValue), cpuSeconds)
        set(__rlimit_resource_t(RLIMIT_DATA.rawValue), 4 << 30)
        set(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), 256 << 20)
        set(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 1024)
    }

    private static func set(_ resource: __rlimit_resource_t, _ value: UInt64) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_max = min(limit.rlim_max, rlim_t(value))
        limit.rlim_cur = min(limit.rlim_cur, limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
