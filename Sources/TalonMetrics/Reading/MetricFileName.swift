/// What the name of a metric file says: `<type>_<identifier>.db`, `gauge_<mode>_<identifier>.db`.
struct MetricFileName: Hashable {
    let type: MetricType
    /// Only of gauges.
    let mode: GaugeMode?
    /// A pid or a slot.
    let identifier: String
    /// How the names of files of this kind begin: the type, for gauges with the mode.
    var prefix: String { mode.map { "gauge_\($0.rawValue)" } ?? type.rawValue }

    /// Nil if no writer of this format names a file so.
    init?(_ name: String) {
        guard name.hasSuffix(".db") else { return nil }
        let parts = name.dropLast(3).split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let type = MetricType(rawValue: String(parts[0])), type != .info else { return nil }
        self.type = type
        guard type == .gauge else {
            guard !parts[1].isEmpty else { return nil }
            mode = nil
            identifier = String(parts[1])
            return
        }
        let rest = parts[1].split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard rest.count == 2, !rest[1].isEmpty, let mode = GaugeMode(rawValue: String(rest[0])) else { return nil }
        self.mode = mode
        identifier = String(rest[1])
    }
}
