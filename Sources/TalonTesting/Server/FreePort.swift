import Glibc
import Synchronization

/// TCP ports that nobody listens on.
package enum FreePort {
    /// The ports of the documented commands are for the test that runs them.
    private static let taken = Mutex<Set<UInt16>>([18_000, 19_090])

    /// A port for this test alone.
    ///
    /// Below the kernel's ephemeral ports, so that no outgoing connection takes it meanwhile.
    package static func any() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 10_000..<32_000)
            guard taken.withLock({ $0.insert(port).inserted }) else { continue }
            if isFree(port) { return port }
        }
        throw TestFailure("no free port found")
    }

    /// Whether a listener may be opened on 127.0.0.1.
    package static func isFree(_ port: UInt16) -> Bool {
        (try? ListeningSocket(port: port)) != nil
    }
}

/// A socket that listens on 127.0.0.1 and never accepts.
package final class ListeningSocket: Sendable {
    private let descriptor: Int32

    package init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let bound = SocketAddress.withTCP("127.0.0.1", port) { bind(descriptor, $0, $1) }
        // All is set, so a failure ends in the deinit too.
        guard bound == 0, listen(descriptor, 1) == 0 else { throw TestFailure("cannot listen on port \(port)") }
    }

    deinit {
        // Else a child that is between fork and exec listens on.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}
