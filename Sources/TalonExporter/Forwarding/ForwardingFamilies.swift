import Synchronization
import TalonMetrics
import TalonPlatform
import TalonRedis

/// What is told of the forwarding. Any thread.
final class ForwardingFamilies: Sendable {
    private typealias Name = WorkerFamilies.Name
    private static let up = Name(
        name: "talon_redis_up", help: "1 if the last turn reached Redis and all was taken, else 0")
    private static let lastSuccess = ServerFamilies.forwardedAt
    private static let forwards = Name(
        name: "talon_redis_forwards_total", help: "Turns of forwarding to Redis, by what came of them")
    private static let duration = Name(
        name: "talon_redis_forward_seconds", help: "How long turns of forwarding to Redis took, failed ones too")
    /// Upper bounds in seconds.
    private static let buckets: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let store: MetricStore
    private let histogram: Histogram
    private let counters: [String: Counter]
    private let isUp = Atomic<Bool>(false)
    /// Seconds since 1970.
    private let succeededAt = Atomic<Int>(0)

    init(store: MetricStore) {
        self.store = store
        histogram = store.histogram(name: Self.duration.name, help: Self.duration.help, buckets: Self.buckets)
        let outcomes = [Self.success] + RedisFault.Kind.allCases.map(\.rawValue)
        // All of them at once: an alert on a rate needs a 0 before the first failure.
        counters = Dictionary(
            uniqueKeysWithValues: outcomes.map { outcome in
                let labels = ["outcome": outcome]
                return (outcome, store.counter(name: Self.forwards.name, help: Self.forwards.help, labels: labels))
            })
    }

    private static let success = "ok"

    /// A turn is over that took so many nanoseconds. `time`: seconds since 1970.
    func count(_ fault: RedisFault?, took: UInt64, time: Int) {
        histogram.observe(Double(took) / 1e9)
        counters[fault?.kind.rawValue ?? Self.success]?.increment()
        isUp.store(fault == nil, ordering: .relaxed)
        if fault == nil { succeededAt.store(time, ordering: .relaxed) }
    }

    /// Whether the last turn was a success.
    var wasReached: Bool { isUp.load(ordering: .relaxed) }

    /// As a page has them that Redis has taken: whoever reads it there sees that it has, and when it was made.
    static func taken(_ families: [MetricFamily], time: Double) -> [MetricFamily] {
        families.map { family in
            switch family.name {
            case up.name: .gauge(up, 1)
            case lastSuccess.name: .gauge(lastSuccess, time)
            default: family
            }
        }
    }

    /// Those that are of now, and so in no file.
    var live: [MetricFamily] {
        [
            .gauge(Self.up, wasReached ? 1 : 0),
            .gauge(Self.lastSuccess, Double(succeededAt.load(ordering: .relaxed))),
        ]
    }
}
