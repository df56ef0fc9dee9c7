import CTalonPlugin

// A plugin's own metrics, on the server's /metrics. Make them once, in the plugin's state: that may lock and allocate.
// Adding to one does not, and is allowed on any thread.
//
// A host without talon.metrics/1, or one that refuses the name, gives no series; then counting does nothing.

extension PluginHost {
    /// A count that only grows.
    public struct Counter: @unchecked Sendable {
        let series: MetricSeries?

        /// Adds to it; not a negative amount.
        public func add(_ amount: Double = 1) {
            guard let series else { return }
            series.table.pointee.add?(series.metric, amount)
        }
    }

    /// A value that goes up and down.
    public struct Gauge: @unchecked Sendable {
        let series: MetricSeries?

        /// Adds to it, or takes from it.
        public func add(_ amount: Double) {
            guard let series else { return }
            series.table.pointee.add?(series.metric, amount)
        }

        /// Sets it.
        public func set(_ value: Double) {
            guard let series else { return }
            series.table.pointee.set?(series.metric, value)
        }
    }

    /// A distribution of values.
    public struct Histogram: @unchecked Sendable {
        let series: MetricSeries?

        /// Observes a value.
        public func observe(_ value: Double) {
            guard let series else { return }
            series.table.pointee.observe?(series.metric, value)
        }
    }

    /// The counter of that name and those labels.
    public func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        Counter(series: series(name, help, labels) { $0.pointee.counter?(face, $1, $2, $3, $4) })
    }

    /// The gauge of that name and those labels.
    public func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        Gauge(series: series(name, help, labels) { $0.pointee.gauge?(face, $1, $2, $3, $4) })
    }

    /// The histogram of that name and those labels. `buckets` are upper bounds; +Inf is added.
    public func histogram(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], buckets: [Double]
    ) -> Histogram {
        Histogram(
            series: series(name, help, labels) { $0.pointee.histogram?(face, $1, $2, $3, $4, buckets, buckets.count) })
    }

    /// Asks for a series: `make` is given the host's table, name, help, labels and their number.
    private func series(
        _ name: String, _ help: String, _ labels: KeyValuePairs<String, String>,
        _ make: (UnsafePointer<talon_metrics_1>, talon_str, talon_str, UnsafePointer<talon_field>?, Int) ->
            OpaquePointer?
    ) -> MetricSeries? {
        guard let table = interface(TALON_INTERFACE_METRICS, as: talon_metrics_1.self) else { return nil }
        let metric = name.withTalonString { name in
            help.withTalonString { help in withTalonFields(labels) { make(table, name, help, $0, $1) } }
        }
        return metric.map { MetricSeries(table: table, metric: $0) }
    }
}

/// A series of the host, and the functions that add to it. Both live as long as the host.
struct MetricSeries {
    let table: UnsafePointer<talon_metrics_1>
    let metric: OpaquePointer
}
