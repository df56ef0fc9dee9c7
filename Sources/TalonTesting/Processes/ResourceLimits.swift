import Glibc

/// Limits of the process of the tests, which the servers that it starts inherit.
package enum ResourceLimits {
    /// Whether so many descriptors may be open; raises the limit if it is too low and may be raised.
    package static func allowDescriptors(_ count: Int) -> Bool {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return false }
        if limit.rlim_cur >= rlim_t(count) { return true }
        limit.rlim_cur = rlim_t(count)
        limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
        return setrlimit(resource, &limit) == 0
    }
}
