import TalonHTTP
import TalonMetrics

/// What a worker counts of each request in Talon's own families. Any thread that runs the application.
final class RequestMetrics: Sendable {
    private let store: MetricStore
    private let workerID: String
    /// By method and status.
    private let requests: LazyTable<Counter>
    private let duration: Histogram
    private let queue: Histogram
    private let accepted: Counter
    private let received: Counter
    private let sent: Counter

    init(store: MetricStore, workerID: String) {
        self.store = store
        self.workerID = workerID
        let labels = ["worker_id": workerID]
        typealias Families = RequestFamilies
        func counter(_ family: Families.Name) -> Counter {
            store.counter(name: family.name, help: family.help, labels: labels)
        }
        requests = LazyTable(count: MethodLabel.all.count * StatusLabel.count)
        duration = store.histogram(
            name: Families.duration.name, help: Families.duration.help, labels: labels,
            buckets: Families.durationBuckets, exemplars: true, native: .seconds)
        queue = store.histogram(
            name: Families.queue.name, help: Families.queue.help, labels: labels, buckets: Families.queueBuckets)
        accepted = counter(Families.accepted)
        received = counter(Families.received)
        sent = counter(Families.sent)
        // From the start: a rate needs to see the 0 before the 1.
        _ = count(method: 0, status: 200)
    }

    /// A request that the application was asked to answer.
    func count(_ facts: RequestFacts, _ exemplar: Exemplar?) {
        count(method: facts.method, status: facts.status).increment()
        duration.observe(Double(facts.duration) / 1e9, exemplar: exemplar)
        queue.observe(Double(facts.queued) / 1e9)
        count(facts.traffic)
    }

    /// A request that was refused.
    func countRefusal(status: Int) {
        count(method: MethodLabel.unknown, status: status).increment()
    }

    func count(_ traffic: Traffic) {
        if traffic.received > 0 { received.add(Double(traffic.received)) }
        if traffic.sent > 0 { sent.add(Double(traffic.sent)) }
    }

    func countConnection() { accepted.increment() }

    private func count(method: Int, status: Int) -> Counter {
        let status = status < StatusLabel.count ? status : 0
        return requests.counter(at: method * StatusLabel.count + status) {
            store.counter(
                name: RequestFamilies.requests.name, help: RequestFamilies.requests.help,
                labels: [
                    "worker_id": workerID, "method": MethodLabel.all[method], "status": StatusLabel.text(status),
                ])
        }
    }
}
