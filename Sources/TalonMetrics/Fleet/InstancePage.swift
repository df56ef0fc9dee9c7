/// The page of one instance, as it was forwarded: protobuf, of which only the families are known until it is shown.
package struct InstancePage: Sendable {
    /// Bytes of a page, at most; a server of ten thousand series has a tenth of it.
    package static let sizeLimit = 4 << 20

    /// Whose it is.
    package let instance: String
    let bytes: [UInt8]
    let families: [Family]
    /// When its counts began, if it tells; seconds since 1970. All that was counted before is not in them.
    package let run: Double?
    /// When it was made, if it tells; seconds since 1970.
    let time: Double?

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
        run = families.gauge(ServerFamilies.countingSince.name, bytes)
        time = families.gauge(ServerFamilies.forwardedAt.name, bytes)
    }

    /// About how many bytes of memory it takes.
    package var size: Int {
        families.reduce(bytes.count) { $0 + 128 + $1.metrics.count * MemoryLayout<Range<Int>>.size }
    }

    /// By the numbers of the enumeration `MetricType`.
    private static let types: [UInt64: MetricType] = [0: .counter, 1: .gauge, 2: .summary, 4: .histogram]

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension [InstancePage.Family] {
    /// The value of a gauge of one series; nil also for 0, which is one that is not yet written.
    fileprivate func gauge(_ name: String, _ bytes: [UInt8]) -> Double? {
        guard let metric = first(where: { $0.name == name && $0.type == .gauge })?.metrics.first,
            let series = InstanceSeries(bytes, metric, type: .gauge)
        else { return nil }
        var value = SeriesValue()
        value.read(bytes, series.value, type: .gauge)
        return value.isCount && value.numbers[0] > 0 ? value.numbers[0] : nil
    }
}
