/// A format in which metrics are exposed.
package enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// `io.prometheus.client.MetricFamily` messages, each after its length: the only one with native histograms.
    case protobuf
    /// OpenMetrics 1.0.0: with exemplars and creation times.
    case openMetrics
    /// OpenMetrics as Prometheus before 2.41 asks for it; the same text under the older version.
    case openMetrics001
    /// The Prometheus text format 0.0.4: what everybody understands.
    case text

    /// What goes into the `Content-Type` header.
    package var contentType: String {
        switch self {
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8"
        case .text: TextExposition.contentType
        }
    }

    /// Whether it shows exemplars, so that reading them is worth the while (``MetricDirectoryReader/read(details:)``).
    package var showsDetails: Bool { self != .text }

    /// The families in this format, as ``TextExposition/render(_:excluding:)`` joins and sorts them.
    package func render(_ families: [MetricFamily]) -> [UInt8] {
        switch self {
        case .protobuf: ProtobufExposition.render(families)
        case .openMetrics, .openMetrics001: OpenMetricsExposition.render(families)
        case .text: TextExposition.render(families)
        }
    }

    /// The families for a fleet's exporter: protobuf that tells how gauges are joined.
    package static func renderForFleet(_ families: [MetricFamily]) -> [UInt8] {
        ProtobufExposition.render(families, modes: true)
    }

    /// The format for a request with this `Accept` header; several such headers are joined by commas.
    ///
    /// By RFC 9110 §12.5.1: of the ranges that match a format the most specific one weighs it, and the greatest weight
    /// wins. Of equal weights, a format that is named wins over one that a wildcard admits; then the order here decides,
    /// but behind a wildcard, which is a person more often than a Prometheus, text comes first. Who accepts none gets
    /// text, as from other exporters: what can be read in part is better than nothing.
    package static func negotiate(accept: String?) -> ExpositionFormat {
        let ranges = MediaRange.parse(accept ?? "")
        let ranked = allCases.enumerated().compactMap { index, format -> (format: Self, rank: (Int, Int, Int))? in
            let matching = ranges.filter { $0.admits(format) }
            guard let range = matching.max(by: { ($0.specificity, $0.weight) < ($1.specificity, $1.weight) }),
                range.weight > 0
            else { return nil }
            let preference = !range.isNamed && format == .text ? 1 : -index
            return (format, (range.weight, range.isNamed ? 1 : 0, preference))
        }
        return ranked.max { $0.rank < $1.rank }?.format ?? .text
    }
}
