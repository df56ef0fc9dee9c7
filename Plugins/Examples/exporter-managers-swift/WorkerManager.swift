#if canImport(TalonPluginKit)
import TalonPluginKit
#endif

/// What is to be counted of a worker before it ends. Its requests are in the server's metrics already.
final class WorkerManager {
    private let interrupts: PluginHost.Counter

    init(_ host: PluginHost) {
        interrupts = host.counter("example_worker_interrupts_total", help: "Workers that got INT or QUIT")
    }

    func recordInterrupt() { interrupts.add() }
}
