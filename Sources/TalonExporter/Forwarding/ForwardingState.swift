import TalonPlatform
import TalonRedis

/// When it is Redis' turn next, and what is to be said of it. A value: it knows no clock and no socket.
struct ForwardingState {
    /// How it stands with Redis; the log has one line for each change.
    enum Standing: Equatable {
        /// Nothing was tried yet.
        case unknown
        case up
        case down(RedisFault.Kind)
    }

    private(set) var standing = Standing.unknown
    /// In a row.
    private(set) var failures = 0
    /// Nanoseconds.
    private let interval: UInt64
    private let server: String

    struct Step: Equatable {
        /// When the next turn begins; CLOCK_MONOTONIC.
        let next: UInt64
        let level: LogLevel
        /// nil: nothing has changed.
        let message: String?
    }

    /// `interval`: seconds. `server`: its address, for the log.
    init(interval: Int, server: String) {
        self.interval = UInt64(max(interval, 1)) * nanosecondsPerSecond
        self.server = server
    }

    /// A turn that began at `begun` is over. `random`: 0..<1.
    mutating func ended(_ fault: RedisFault?, begun: UInt64, now: UInt64, random: Double) -> Step {
        guard let fault else {
            failures = 0
            // A turn that took longer than the interval is followed by the next; none is made up for.
            return Step(next: max(begun + interval, now), level: .info, message: change(to: .up))
        }
        // Half of the back-off is chance: a fleet must not come back all at once.
        let delay = BackOff.delay(failures: failures)
        failures += 1
        let next = now + delay / 2 + UInt64(Double(delay / 2) * min(max(random, 0), 1))
        return Step(next: next, level: .warning, message: change(to: .down(fault.kind), fault.reason))
    }

    private mutating func change(to new: Standing, _ reason: String = "") -> String? {
        guard new != standing else { return nil }
        standing = new
        guard new != .up else { return "Connected to Redis at \(server)" }
        return "Redis: Failed to forward metrics to \(server): \(reason); it is tried again, and nothing waits for it"
    }
}
