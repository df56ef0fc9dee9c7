import CTalonPlatform
import Glibc

/// One wait on many descriptors; poll(2).
package enum PollSet {
    /// Waits until one is readable or has ended, at most so long. Returns those, in the given order.
    package static func wait(for descriptors: [FileDescriptor], timeoutMilliseconds: Int32) -> [FileDescriptor] {
        var entries = descriptors.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
        guard poll(&entries, nfds_t(entries.count), timeoutMilliseconds) > 0 else { return [] }
        return zip(descriptors, entries).filter { $0.1.revents != 0 }.map(\.0)
    }
}
