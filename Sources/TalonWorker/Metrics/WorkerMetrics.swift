import TalonHTTP
package import TalonMetrics
import TalonPlatform

/// What one worker counts. Updates are a few atomics in mapped memory: no lock, no allocation, no system call.
///
/// A class, because it is reached once for each request, and a copy of a struct would count references of its parts.
package final class WorkerMetrics: Sendable {
    /// Talon's own families; the others here have gunicorn's names.
    private let own: RequestMetrics
    private let failures: FailureMetrics
    /// nil unless they are wanted.
    private let endpoints: EndpointMetrics?
    private let requests: Counter
    private let duration: Histogram
    private let requestSize: Histogram
    private let responseSize: Histogram
    private let memory: Gauge
    private let cpu: Gauge
    private let uptime: Gauge
    private let states: [(state: String, gauge: Gauge)]

    /// `endpointLimit`: how many endpoints are told apart; nil: none are.
    package init(store: MetricStore, slot: Int, endpointLimit: Int? = nil) {
        let id = WorkerFamilies.workerID(slot: slot)
        let labels = ["worker_id": id]
        typealias Families = WorkerFamilies
        requests = store.counter(name: Families.requests.name, help: Families.requests.help, labels: labels)
        duration = store.histogram(
            name: Families.duration.name, help: Families.duration.help, labels: labels,
            buckets: Families.durationBuckets, exemplars: true)
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
        own = RequestMetrics(store: store, workerID: id)
        failures = FailureMetrics(store: store, workerID: id)
        endpoints = endpointLimit.map { EndpointMetrics(store: store, limit: $0) }
        states = Families.states.map { ($0, gauge(Families.state, ["worker_id": id, "state": $0])) }
    }

    // MARK: Requests

    /// A request that the application has answered, or failed to. Any application thread.
    func finished(_ exchange: Exchange) {
        guard let connection = exchange.connection else { return }
        let name = connection.head.method
        let method = connection.input.withBytes { MethodLabel.index(of: $0.extracting(name.range)) }
        let facts = RequestFacts(
            method: method, status: exchange.status, duration: exchange.endedAt &- exchange.startedAt,
            queued: exchange.queued, bodyReceived: exchange.bytesReceived, bodySent: exchange.bytesSent,
            traffic: connection.traffic.take(), trace: RequestTrace.sampled(of: connection))
        count(facts)
        if let endpoints { endpoints.count(facts, route: exchange.notes.route) }
        if exchange.outcome != .answered { unanswered(exchange, method) }
    }

    /// A request that was answered in its thread's place. What went over its connection is counted at its end.
    func brokeOff(_ connection: Connection, status: Int, duration: UInt64, bodySent: Int64) {
        let name = connection.head.method
        let method = connection.input.withBytes { MethodLabel.index(of: $0.extracting(name.range)) }
        count(
            RequestFacts(
                method: method, status: status, duration: duration, queued: 0, bodyReceived: 0, bodySent: bodySent,
                traffic: Traffic()))
        failures.count(method: method, route: [], error: Array("HTTP\(status)".utf8), isFailure: true)
    }

    /// All that is counted of every request.
    package func count(_ facts: RequestFacts) {
        requests.increment()
        // The time of day only where it is wanted.
        let exemplar = facts.trace.map { $0.exemplar(at: Double(MonotonicClock.unixTime()) / 1e9) }
        duration.observe(Double(facts.duration) / 1e9, exemplar: exemplar)
        requestSize.observe(Double(facts.bodyReceived))
        responseSize.observe(Double(facts.bodySent))
        own.count(facts, exemplar)
    }

    private func unanswered(_ exchange: Exchange, _ method: Int) {
        let notes = exchange.notes
        switch exchange.outcome {
        case .answered, .abandoned: break
        case .failed:
            let error = notes.error.isEmpty ? Array("HTTP\(exchange.status)".utf8) : notes.error
            failures.count(method: method, route: notes.route, error: error, isFailure: true)
        case .malformed(let rejection):
            let error = Array(rejection.errorType.utf8)
            failures.count(method: method, route: notes.route, error: error, isFailure: false)
        }
    }

    /// A request that the application never saw. The loop's thread.
    func rejected(_ rejection: Rejection) {
        own.countRefusal(status: rejection.status)
        failures.count(
            method: MethodLabel.unknown, route: [], error: Array(rejection.errorType.utf8), isFailure: false)
    }

    /// A client with which no keys could be agreed on. The loop's thread.
    func handshakeFailed() {
        failures.count(
            method: MethodLabel.unknown, route: [], error: Array(Rejection.noSession.utf8), isFailure: false)
    }

    // MARK: Connections

    /// The loop's thread.
    func accepted() { own.countConnection() }

    /// What went over a connection after its last request, or without one. The loop's thread.
    func closed(_ connection: Connection) { own.count(connection.traffic.take()) }

    // MARK: The process

    /// For other readers of the folder; our own exporter reads these live.
    func sample(_ usage: ProcessUsage, cpuPercent: Double, uptimeSeconds: Double, state: String) {
        let time = Double(MonotonicClock.unixTime()) / 1e9
        memory.set(Double(usage.residentBytes), at: time)
        cpu.set(cpuPercent, at: time)
        uptime.set(uptimeSeconds, at: time)
        for entry in states { entry.gauge.set(entry.state == state ? 1 : 0, at: time) }
    }
}
