import TalonPlatform

/// The tries for a port that is taken: five with growing waits, each logged; then an error, and a quiet one now and
/// then. A value: it knows no clock and opens nothing.
struct PortSearch {
    let address: ListenAddress
    private(set) var failures = 0

    private static let loudTries = 5
    private static let quietDelay = 30 * nanosecondsPerSecond

    init(address: ListenAddress) {
        self.address = address
    }

    /// How long to wait before the next try; nanoseconds. 0.5 s, 1 s, 2 s, 4 s, and 30 s each time from then on.
    var delay: UInt64 {
        failures < PortSearch.loudTries
            ? (nanosecondsPerSecond / 2) << UInt64(max(failures - 1, 0)) : PortSearch.quietDelay
    }

    /// A try has failed. What is to be logged of it.
    mutating func failed() -> (level: LogLevel, text: String)? {
        failures += 1
        let port = address.parts.port
        guard failures >= PortSearch.loudTries else {
            let wait = delay / 100_000_000
            return (
                .warning,
                "Port \(port) in use (attempt \(failures)/\(PortSearch.loudTries)), "
                    + "retrying in \(wait / 10).\(wait % 10) seconds..."
            )
        }
        guard failures == PortSearch.loudTries else { return nil }
        return (
            .error,
            "Failed to start metrics server after \(failures) attempts: port \(port) is in use; "
                + "end what listens there, or set PROMETHEUS_METRICS_PORT. It is tried again every 30 seconds"
        )
    }
}
