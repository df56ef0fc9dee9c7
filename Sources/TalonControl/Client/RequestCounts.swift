import TalonMetrics
import TalonPlatform

/// What the metric files say of requests. The client reads them itself: so the master's loop waits for no disk.
struct RequestCounts {
    /// Answered requests by `worker_id`, since the files began.
    private(set) var byWorker: [String: Double] = [:]
    /// Requests that took no longer than the bound (in seconds), in order; the last bound is infinity.
    private(set) var buckets: [(bound: Double, count: Double)] = []

    /// Of all requests.
    var total: Double { buckets.last?.count ?? byWorker.values.reduce(0, +) }

    init() {}

    init(_ families: [MetricFamily]) {
        var counts: [Double: Double] = [:]
        for family in families {
            switch family.name {
            case WorkerFamilies.requests.name:
                for sample in family.samples {
                    byWorker[sample.label("worker_id") ?? "", default: 0] += sample.value
                }
            case RequestFamilies.duration.name:
                for sample in family.samples where sample.name.hasSuffix("_bucket") {
                    guard let text = sample.label("le") else { continue }
                    counts[text == "+Inf" ? .infinity : Double(text) ?? .infinity, default: 0] += sample.value
                }
            default: break
            }
        }
        buckets = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The requests since `earlier`.
    func since(_ earlier: RequestCounts) -> RequestCounts {
        var difference = self
        for (worker, count) in earlier.byWorker { difference.byWorker[worker]? -= count }
        let before = Dictionary(earlier.buckets.map { ($0.bound, $0.count) }) { $1 }
        difference.buckets = buckets.map { ($0.bound, max(0, $0.count - (before[$0.bound] ?? 0))) }
        return difference
    }

    /// The time within which that share (0 to 1) of the requests was answered, in seconds; linear within a bucket, as
    /// Prometheus' histogram_quantile. nil if there were none.
    func quantile(_ share: Double) -> Double? {
        guard let all = buckets.last?.count, all > 0 else { return nil }
        let rank = share * all
        var lower = (bound: 0.0, count: 0.0)
        for bucket in buckets {
            if bucket.count >= rank {
                guard bucket.bound.isFinite else { return lower.bound }
                let inside = bucket.count - lower.count
                let part = inside > 0 ? (rank - lower.count) / inside : 1
                return lower.bound + (bucket.bound - lower.bound) * part
            }
            lower = bucket
        }
        return lower.bound
    }
}

extension Sample {
    fileprivate func label(_ name: String) -> String? { labels.first { $0.name == name }?.value }
}
