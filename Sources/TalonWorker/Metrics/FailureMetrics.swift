import TalonHTTP
import TalonMetrics

/// Failed requests and handled errors, by method, endpoint and kind of error. Any thread that runs the application.
///
/// An application chooses endpoints and names of errors, so a slot has so many combinations and no more; what comes
/// after them is counted under `other`.
final class FailureMetrics: Sendable {
    private struct Pair: Sendable {
        let failed: Counter
        let handled: Counter
    }

    private let store: MetricStore
    private let workerID: String
    private let combinations = LabelTable(limit: FailureMetrics.limit)
    private let counters = LazyTable<Pair>(count: FailureMetrics.limit + MethodLabel.all.count)

    private static let limit = 500

    init(store: MetricStore, workerID: String) {
        self.store = store
        self.workerID = workerID
        // Those of the workers that had this slot before count too, or each of them could add as many.
        for labels in store.labels(ofCounter: RequestFamilies.failed.name) where labels["worker_id"] == workerID {
            guard let method = labels["method"], let endpoint = labels["endpoint"], let error = labels["error_type"]
            else { continue }
            let key = FailureMetrics.key(method, Array(endpoint.utf8), Array(error.utf8))
            _ = combinations.number(of: key.span)
        }
    }

    /// `error`: the kind of error. A failure is an error too; an error of the client's is no failure.
    func count(method: Int, route: [UInt8], error: [UInt8], isFailure: Bool) {
        let endpoint = route.isEmpty ? EndpointMetrics.unknown : route
        let name = MethodLabel.all[method]
        let number = combinations.number(of: FailureMetrics.key(name, endpoint, error).span)
        let isKnown = number < combinations.limit
        let pair = counters.value(at: isKnown ? number : combinations.limit + method) {
            isKnown
                ? makePair(name, String(decoding: endpoint, as: UTF8.self), String(decoding: error, as: UTF8.self))
                : makePair(name, LabelTable.other, LabelTable.other)
        }
        if isFailure { pair.failed.increment() }
        pair.handled.increment()
    }

    private func makePair(_ method: String, _ endpoint: String, _ error: String) -> Pair {
        let labels = ["worker_id": workerID, "method": method, "endpoint": endpoint, "error_type": error]
        func counter(_ family: WorkerFamilies.Name) -> Counter {
            store.counter(name: family.name, help: family.help, labels: labels)
        }
        return Pair(failed: counter(RequestFamilies.failed), handled: counter(WorkerFamilies.errorHandling))
    }

    private static func key(_ method: String, _ endpoint: [UInt8], _ error: [UInt8]) -> [UInt8] {
        Array(method.utf8) + [0] + endpoint + [0] + error
    }
}
