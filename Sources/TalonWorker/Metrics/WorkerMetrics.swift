import TalonHTTP
package import TalonMetrics
import TalonPlatform

/// What one worker counts. Updates are a few atomics in mapped memory: no lock, no allocation, no system call.
///
/// A class, because it is reached once for each request, and a copy of a struct would count references of its parts.
package final class WorkerMetrics: Sendable {
    private let store: MetricStore
    private let workerID: String
    private let requests: Counter
    private let duration: Histogram
    private let requestSize: Histogram
    private let responseSize: Histogram
    private let memory: Gauge
    private let cpu: Gauge
    private let uptime: Gauge
    private let states: [(state: String, gauge: Gauge)]

    package init(store: MetricStore, slot: Int) {
        self.store = store
        let id = WorkerFamilies.workerID(slot: slot)
        workerID = id
        let labels = ["worker_id": id]
        typealias Families = WorkerFamilies
        requests = store.counter(name: Families.requests.name, help: Families.requests.help, labels: labels)
        duration = store.histogram(
            name: Families.duration.name, help: Families.duration.help, labels: labels,
            buckets: Families.durationBuckets)
        requestSize = store.histogram(
            name: Families.requestSize.name, help: Families.requestSize.help, labels: labels,
            buckets: Families.sizeBuckets)
        responseSize = store.histogram(
            name: Families.responseSize.name, help: Families.responseSize.help, labels: labels,
            buckets: Families.sizeBuckets)
        func gauge(_ family: Families.Name, _ labels: [String: String]) -> Gauge {
            store.gauge(name: family.name, help: family.help, labels: labels, mode: .mostrecent)
        }
        memory = gauge(Families.memory, labels)
        cpu = gauge(Families.cpu, labels)
        uptime = gauge(Families.uptime, labels)
        states = Families.states.map { ($0, gauge(Families.state, ["worker_id": id, "state": $0])) }
    }

    /// A request that the application has answered, or failed to. Any application thread.
    func finished(_ exchange: Exchange) {
        requests.increment()
        duration.observe(Double(exchange.endedAt &- exchange.startedAt) / 1e9)
        requestSize.observe(Double(exchange.bytesReceived))
        responseSize.observe(Double(exchange.bytesSent))
    }

    /// A request that the application never saw. The loop's thread; it is rare, so its series may be looked up.
    func rejected(_ rejection: Rejection) {
        let family = WorkerFamilies.errorHandling
        store.counter(
            name: family.name, help: family.help,
            labels: [
                "worker_id": workerID, "method": "UNKNOWN", "endpoint": "UNKNOWN", "error_type": rejection.errorType,
            ]
        ).increment()
    }

    /// For other readers of the folder; our own exporter reads these live.
    func sample(_ usage: ProcessUsage, cpuPercent: Double, uptimeSeconds: Double, state: String) {
        let time = Double(MonotonicClock.unixTime()) / 1e9
        memory.set(Double(usage.residentBytes), at: time)
        cpu.set(cpuPercent, at: time)
        uptime.set(uptimeSeconds, at: time)
        for entry in states { entry.gauge.set(entry.state == state ? 1 : 0, at: time) }
    }
}
