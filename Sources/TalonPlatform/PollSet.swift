import CTalonPlatform
import Glibc

/// One wait on many descriptors; poll(2).
package enum PollSet {
    /// What is waited for. That the other end is gone is always told.
    package enum Interest: Sendable {
        case input
        case room
        case end

        fileprivate var events: Int16 {
            switch self {
            case .input: Int16(POLLIN)
            case .room: Int16(POLLOUT)
            case .end: 0
            }
        }
    }

    /// Waits until one is readable or has ended, or one of `others` is as it should be; at most so long. Returns those,
    /// in the given order.
    package static func wait(
        for descriptors: [FileDescriptor], _ others: [(descriptor: FileDescriptor, interest: Interest)] = [],
        timeoutMilliseconds: Int32
    ) -> [FileDescriptor] {
        let all = descriptors.map { ($0, Interest.input) } + others
        var entries = all.map { pollfd(fd: $0.0.rawValue, events: $0.1.events, revents: 0) }
        guard poll(&entries, nfds_t(entries.count), timeoutMilliseconds) > 0 else { return [] }
        return zip(all, entries).filter { $0.1.revents != 0 }.map(\.0.0)
    }

    /// Waits for one descriptor. False when the time is over; `deadline`: CLOCK_MONOTONIC, nanoseconds.
    package static func waits(for descriptor: FileDescriptor, _ interest: Interest = .input, before deadline: UInt64)
        -> Bool
    {
        while true {
            let now = MonotonicClock.now()
            guard now < deadline else { return false }
            let rest = Int32(clamping: (deadline - now) / 1_000_000 + 1)
            if !wait(for: [], [(descriptor, interest)], timeoutMilliseconds: rest).isEmpty { return true }
        }
    }
}
