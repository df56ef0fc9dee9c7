import CTalonPlatform
import Glibc

/// An epoll(7). One thread.
package final class Poller {
    /// How a descriptor is watched.
    package enum Interest: Sendable {
        /// As long as there is input.
        case level
        /// Once, until it is armed again.
        case once
        /// As `level`; of several processes that wait for the same listener, not all are woken.
        case exclusive
        /// Once, when there is room for output.
        case room
        /// Once, when there is input or room for output.
        case either

        var events: UInt32 {
            switch self {
            case .level: EPOLLIN.rawValue | EPOLLRDHUP.rawValue
            case .once: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue
            case .exclusive: EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue
            case .room: EPOLLOUT.rawValue | EPOLLONESHOT.rawValue
            case .either:
                EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLOUT.rawValue | EPOLLONESHOT.rawValue
            }
        }
    }

    private let epoll: FileDescriptor
    /// Readable when a watched descriptor is ready.
    package var descriptor: FileDescriptor { epoll }
    private let ready: UnsafeMutablePointer<talon_epoll_ready>
    private static let capacity = 256

    package init() throws(SystemError) {
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard raw >= 0 else { throw .last("epoll_create1") }
        epoll = FileDescriptor(rawValue: raw)
        ready = .allocate(capacity: Poller.capacity)
    }

    deinit {
        ready.deallocate()
        epoll.close()
    }

    package func add(_ descriptor: FileDescriptor, token: Int, _ interest: Interest) {
        _ = talon_epoll_control(
            epoll.rawValue, EPOLL_CTL_ADD, descriptor.rawValue, interest.events, UInt64(token))
    }

    /// Watches again what was added with `once`, or in another way than before.
    package func arm(_ descriptor: FileDescriptor, token: Int, _ interest: Interest = .once) {
        _ = talon_epoll_control(
            epoll.rawValue, EPOLL_CTL_MOD, descriptor.rawValue, interest.events, UInt64(token))
    }

    package func remove(_ descriptor: FileDescriptor) {
        _ = talon_epoll_control(epoll.rawValue, EPOLL_CTL_DEL, descriptor.rawValue, 0, 0)
    }

    /// Waits at most so long. Returns the tokens of what is ready, until the next wait: ``token(_:)`` of 0..<count;
    /// nil if the poller is no more: foreign code in the process has closed its descriptor.
    package func wait(timeoutMilliseconds: Int32) -> Int? {
        let count = talon_epoll_wait(epoll.rawValue, ready, Int32(Poller.capacity), timeoutMilliseconds)
        guard count < 0 else { return Int(count) }
        return lastErrno == EINTR ? 0 : nil
    }

    /// What the index-th ready descriptor was added with.
    @inline(__always)
    package func token(_ index: Int) -> Int { Int(ready[index].token) }
}
