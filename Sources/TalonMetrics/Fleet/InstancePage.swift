/// The page of one instance, as it was forwarded: protobuf, of which only the families are known until it is shown.
package struct InstancePage: Sendable {
    /// Whose it is.
    package let instance: String
    let bytes: [UInt8]
    let families: [Family]
    /// When its counts began, if it tells; seconds since 1970. All that was counted before is not in them.
    let run: Double?

    package struct Family: Sendable {
        package let name: String
        let help: String
        package let type: MetricType
        /// Of a gauge, if its page tells.
        let aggregation: GaugeMode.Aggregation?
        /// The messages of its series.
        let metrics: [Range<Int>]

        /// Whether it is asked for, by its name or one of its samples'; nothing asks for all.
        package func isAmong(_ names: Set<String>) -> Bool {
            guard !names.isEmpty, !names.include(name, type) else { return true }
            let suffixes = type == .histogram || type == .summary ? ["_bucket", "_sum", "_count"] : []
            return suffixes.contains { names.contains(name + $0) }
        }
    }

    /// nil if the bytes are no page. Families that Prometheus would refuse are left out: one of them must not cost those of
    /// all instances.
    package init?(instance: String, bytes: [UInt8]) {
        var families: [Family] = []
        var messages = ProtobufFields(bytes, bytes.indices)
        while let range = messages.nextDelimited() {
            var (name, help, type) = ("", "", UInt64(0))
            var mode: UInt64?
            var metrics: [Range<Int>] = []
            var fields = ProtobufFields(bytes, range)
            while let field = fields.next() {
                switch field.number {
                case 1: name = InstancePage.text(bytes, field.body)
                case 2: help = InstancePage.text(bytes, field.body)
                case 3: type = field.bits
                case 4: metrics.append(field.body)
                case UInt64(ProtobufExposition.modeField): mode = field.bits
                default: break
                }
            }
            guard !fields.isBroken else { return nil }
            guard MetricNames.isMetric(name), let known = InstancePage.types[type], !metrics.isEmpty else { continue }
            let aggregation = mode.flatMap { UInt8(exactly: $0) }.flatMap { GaugeMode.Aggregation(rawValue: $0) }
            families.append(
                Family(name: name, help: help, type: known, aggregation: aggregation, metrics: metrics))
        }
        guard !messages.isBroken else { return nil }
        self.instance = instance
        self.bytes = bytes
        self.families = families
        run = families.first { $0.name == ServerFamilies.countingSince.name }.flatMap { family in
            family.metrics.first.flatMap { InstanceSeries(bytes, $0, type: .gauge) }.map { series in
                var value = SeriesValue()
                value.read(bytes, series.value, type: .gauge)
                return value.numbers[0]
            }
        }.flatMap { $0 > 0 ? $0 : nil }  // 0 is one that is not yet written
    }

    /// By the numbers of the enumeration `MetricType`.
    private static let types: [UInt64: MetricType] = [0: .counter, 1: .gauge, 2: .summary, 4: .histogram]

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
