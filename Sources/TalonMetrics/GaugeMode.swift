/// How a gauge of several processes becomes what is exposed: prometheus_client's `multiprocess_mode`.
///
/// The `live` modes mean the same, but their files are deleted when their process ends (``LiveGauges``).
package enum GaugeMode: String, Sendable, Hashable, CaseIterable {
    case all, liveall
    case min, livemin
    case max, livemax
    case sum, livesum
    case mostrecent, livemostrecent

    /// Whether it ends with the process that set it.
    var isLive: Bool { rawValue.hasPrefix("live") }

    /// How values of several files are joined.
    package enum Aggregation: UInt8, Sendable, Hashable {
        // The numbers are told to other hosts: they stay.
        /// Every process keeps its own series, told apart by a `pid` label.
        case perProcess = 1
        case least, greatest, sum, mostRecent
    }

    var aggregation: Aggregation {
        switch self {
        case .all, .liveall: .perProcess
        case .min, .livemin: .least
        case .max, .livemax: .greatest
        case .sum, .livesum: .sum
        case .mostrecent, .livemostrecent: .mostRecent
        }
    }
}
