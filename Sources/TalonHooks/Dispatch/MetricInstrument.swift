import CTalonGuard
import TalonMetrics
import TalonPlatform

/// Where a plugin's metric counts, once it has a place in the store. Any thread; no lock, no allocation.
enum MetricInstrument {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    init(_ definition: MetricDefinition, in store: MetricStore) {
        let (name, help, labels) = (definition.name, definition.help, definition.labels)
        self =
            switch definition.kind {
            case .counter: .counter(store.counter(name: name, help: help, labels: labels))
            case .gauge: .gauge(store.gauge(name: name, help: help, labels: labels, mode: .mostrecent))
            case .histogram:
                .histogram(store.histogram(name: name, help: help, labels: labels, buckets: definition.bounds))
            }
    }

    func update(_ operation: UInt32, _ value: Double) {
        switch (self, Int32(bitPattern: operation)) {
        case (.counter(let counter), TALON_METRIC_ADD): counter.add(value)
        case (.gauge(let gauge), TALON_METRIC_ADD): gauge.add(value)
        case (.gauge(let gauge), TALON_METRIC_SET): gauge.set(value)
        case (.histogram(let histogram), TALON_METRIC_OBSERVE): histogram.observe(value)
        default: break
        }
    }
}

/// What is kept of a metric's updates while there is no store to put them in.
struct MetricBacklog {
    let definition: MetricDefinition
    /// Added up, or of a gauge what it was set to and what was added since.
    private var total = 0.0
    private var counts: [Double]
    /// When a gauge was set; seconds since 1970. nil if it was not.
    private var setAt: Double?

    init(_ definition: MetricDefinition) {
        self.definition = definition
        counts = definition.kind == .histogram ? Array(repeating: 0, count: definition.bounds.count + 1) : []
    }

    /// As ``MetricInstrument/update(_:_:)`` will do it.
    mutating func update(_ operation: UInt32, _ value: Double) {
        switch (definition.kind, Int32(bitPattern: operation)) {
        case (.counter, TALON_METRIC_ADD) where value > 0 && value < .infinity:
            total += value
        case (.gauge, TALON_METRIC_ADD):
            total += value
            if setAt != nil { setAt = MetricBacklog.now }
        case (.gauge, TALON_METRIC_SET):
            total = value
            setAt = MetricBacklog.now
        case (.histogram, TALON_METRIC_OBSERVE) where value.isFinite:
            total += value
            counts[definition.bounds.firstIndex { value <= $0 } ?? definition.bounds.count] += 1
        default: break
        }
    }

    func replay(to instrument: MetricInstrument) {
        switch instrument {
        case .counter(let counter): counter.add(total)
        case .gauge(let gauge):
            if let setAt { gauge.set(total, at: setAt) } else if total != 0 { gauge.add(total) }
        case .histogram(let histogram): histogram.add(counts: counts, sum: total)
        }
    }

    private static var now: Double { Double(MonotonicClock.unixTime()) / 1e9 }
}
