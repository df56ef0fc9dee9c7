import Glibc
import Synchronization
import TalonPlatform

/// Clients that send one request after the other on kept connections, each on a thread of its own.
package final class Load: Sendable {
    private struct Tally {
        var answers = 0
        var idleCloses = 0
        var failures: [String] = []
        var running = 0
    }

    private let tally = Mutex(Tally())
    private let isStopping = Atomic(false)

    package init(_ endpoint: Endpoint, target: String = "/", clients: Int = 2) throws {
        for _ in 0..<clients {
            tally.withLock { $0.running += 1 }
            guard SystemThread.start({ self.work(endpoint, target) }) else { throw TestFailure("no thread") }
        }
    }

    /// Requests answered with 200 so far.
    package var answers: Int { tally.withLock { $0.answers } }

    /// What went wrong.
    ///
    /// A kept connection that the server closed before a byte of the next response, without having
    /// read the request, is asked again and is no failure.
    package var failures: [String] { tally.withLock { $0.failures } }

    /// Ends the clients; returns the failures.
    @discardableResult
    package func stop() throws -> [String] {
        isStopping.store(true, ordering: .relaxed)
        try eventually("the clients have ended", within: .seconds(60)) { tally.withLock { $0.running == 0 } }
        return failures
    }

    private func work(_ endpoint: Endpoint, _ target: String) {
        var connection: HTTPConnection?
        while !isStopping.load(ordering: .relaxed) {
            let isKept = connection != nil
            do {
                let open = try connection ?? HTTPConnection(endpoint)
                let response = try open.get(target)
                connection = response.keepsAlive ? open : nil
                tally.withLock {
                    if response.status == 200 { $0.answers += 1 } else { $0.failures.append("\(response.status)") }
                }
            } catch {
                connection = nil
                let isIdleClose = isKept && Load.isIdleClose(error)
                tally.withLock {
                    if isIdleClose { $0.idleCloses += 1 } else { $0.failures.append("\(error)") }
                }
            }
        }
        tally.withLock { $0.running -= 1 }
    }

    private static func isIdleClose(_ error: any Error) -> Bool {
        switch error as? HTTPFailure {
        case .closed(0), .closed(ECONNRESET), .notSent(EPIPE), .notSent(ECONNRESET): true
        default: false
        }
    }
}
