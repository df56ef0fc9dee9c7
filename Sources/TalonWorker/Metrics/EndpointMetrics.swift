import TalonHTTP
package import TalonMetrics

/// Requests by route template. Any thread that runs the application; what is known takes no lock.
///
/// Without `worker_id`: the endpoints of all workers are the same, and a series for each of both would be too many.
package final class EndpointMetrics: Sendable {
    private let store: MetricStore
    private let endpoints: LabelTable
    private let requests: LazyTable<Counter>
    private let durations: LazyTable<Histogram>

    /// Of a request whose route nobody has stated.
    static let unknown = Array("UNKNOWN".utf8)
    private static let classes = StatusLabel.classes.count

    /// `limit`: how many endpoints have series of their own.
    package init(store: MetricStore, limit: Int) {
        self.store = store
        endpoints = LabelTable(limit: limit)
        // The limit's own number is that of all others.
        requests = LazyTable(count: (limit + 1) * MethodLabel.all.count * EndpointMetrics.classes)
        durations = LazyTable(count: limit + 1)
        _ = endpoints.number(of: EndpointMetrics.unknown.span)
        // Those of the workers that had this slot before count too, or each of them could add as many.
        for labels in store.labels(ofCounter: RequestFamilies.endpointRequests.name) {
            guard let endpoint = labels["endpoint"], endpoint != LabelTable.other else { continue }
            _ = endpoints.number(of: Array(endpoint.utf8).span)
        }
    }

    /// `route` is empty if none was stated.
    package func count(_ facts: RequestFacts, route: [UInt8]) {
        let number = endpoints.number(of: route.isEmpty ? EndpointMetrics.unknown.span : route.span)
        let classIndex = StatusLabel.classIndex(facts.status)
        let place = (number * MethodLabel.all.count + facts.method) * EndpointMetrics.classes + classIndex
        requests.counter(at: place) {
            store.counter(
                name: RequestFamilies.endpointRequests.name, help: RequestFamilies.endpointRequests.help,
                labels: [
                    "endpoint": text(number, route), "method": MethodLabel.all[facts.method],
                    "status_class": StatusLabel.classes[classIndex],
                ])
        }.increment()
        durations.histogram(at: number) {
            store.histogram(
                name: RequestFamilies.endpointDuration.name, help: RequestFamilies.endpointDuration.help,
                labels: ["endpoint": text(number, route)], buckets: RequestFamilies.durationBuckets)
        }.observe(Double(facts.duration) / 1e9)
    }

    private func text(_ number: Int, _ route: [UInt8]) -> String {
        if number == endpoints.limit { return LabelTable.other }
        return String(decoding: route.isEmpty ? EndpointMetrics.unknown : route, as: UTF8.self)
    }
}
