import Glibc

#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

/// Starts the server's metrics endpoint, with a retry policy of its own.
final class MetricsServerManager {
    private let host: PluginHost
    private let attempts: Int
    private let delay: Double

    init(_ host: PluginHost) throws {
        self.host = host
        guard let attempts = Int(host.setting("attempts") ?? "3"), attempts > 0,
            let delay = Double(host.setting("delay") ?? "1"), delay > 0
        else { throw PluginFailure("attempts and delay must be more than 0") }
        self.attempts = attempts
        self.delay = delay
    }

    /// The port that metrics are to be served on; nil without metrics.
    func setUpServer() -> Int? {
        guard host.setting("metrics") != "false", host.setting("prometheus_multiproc_dir") != nil else { return nil }
        return host.setting("prometheus_metrics_port").flatMap { Int($0) }
    }

    /// Whether it serves. Gives up early when the hook's time is almost over.
    func startServer(port: Int, _ call: HookCall) -> Bool {
        for attempt in 1...attempts {
            switch call.ask(.startMetricsServer) {
            case .done:
                call.log(.info, "Metrics server started successfully on port \(port)")
                return true
            case .refused:
                call.log(.error, "Failed to start metrics server: refused by the server")
                return false
            case .failed(let errno):
                let reason = String(cString: strerror(errno))
                call.log(.warning, "Port \(port): \(reason) (attempt \(attempt)/\(attempts))")
            }
            let rest = call.remaining ?? .seconds(delay * 2)
            guard rest > .seconds(delay) + .milliseconds(100), attempt < attempts else { break }
            usleep(UInt32(delay * 1_000_000))
        }
        return false
    }
}
