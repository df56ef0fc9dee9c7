import CTalonPlatform
import Glibc

/// How a listener ends without losing whom the kernel has let in.
extension Listener {
    /// From now on nobody new comes in; who waits in the queue, or is about to, can still be accepted.
    ///
    /// A unix socket refuses whoever comes now; shutdown(2) leaves its queue alone. That of a TCP socket would be reset
    /// with all who wait: there a filter lets no SYN through, so that a client tries again a second later and is refused
    /// then, and open handshakes can end; socket(7), SO_ATTACH_FILTER.
    package func refuseNew() {
        switch address {
        case .unix: _ = shutdown(descriptor.rawValue, Int32(SHUT_RD))
        case .tcp: _ = talon_filter_new(descriptor.rawValue)
        }
    }

    /// Handshakes that have begun before ``refuseNew()`` have this long to end; nanoseconds.
    package static let handshakeTime = nanosecondsPerSecond / 20

    /// Whether clients wait in the queue. A unix socket after ``refuseNew()`` looks as if, until accept finds nobody.
    package var hasWaiting: Bool {
        descriptor.waitUntil(Int32(POLLIN), timeoutMilliseconds: 0)
    }
}
