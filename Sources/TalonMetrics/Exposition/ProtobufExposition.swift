/// The protobuf format: messages `io.prometheus.client.MetricFamily`, each behind its length.
///
/// Field numbers are those of `io/prometheus/client/metrics.proto`; fields are written in their order, and repeated
/// ones not packed, as the proto2 file has it.
enum ProtobufExposition {
    /// Of a family: how its gauges are joined. A number that the format leaves free; readers pass over it.
    static let modeField = 1000

    /// The families, joined and sorted as in ``TextExposition/render(_:excluding:)``, under the same names.
    static func render(_ families: [MetricFamily], modes: Bool = false) -> [UInt8] {
        var writer = ProtobufWriter(capacity: families.reduce(0) { $0 + 256 + 96 * $1.samples.count })
        for family in MetricFamily.merge(families) where !family.samples.isEmpty {
            writer.delimited { message in
                append(family, to: &message)
                if modes, let mode = family.aggregation { message.integer(modeField, UInt64(mode.rawValue)) }
            }
        }
        return writer.bytes
    }

    private static func append(_ family: MetricFamily, to writer: inout ProtobufWriter) {
        let isCounter = family.type == .counter
        writer.string(1, isCounter ? family.name.withoutSuffix("_total") + "_total" : family.name)
        writer.string(2, family.help)
        writer.integer(3, number(of: family.type))
        switch family.type {
        case .counter, .gauge, .info:
            for sample in family.samples {
                writer.message(4) { metric in
                    append(sample.labels, to: &metric)
                    metric.message(isCounter ? 3 : 2) { value in
                        value.double(1, sample.value)
                        guard isCounter, let details = sample.details else { return }
                        if let exemplar = details.exemplar { append(exemplar, as: 2, to: &value) }
                        if let created = details.created { append(time: created, as: 3, to: &value) }
                    }
                }
            }
        case .histogram, .summary:
            for group in SampleGroup.groups(of: family) {
                writer.message(4) { metric in
                    append(group.labels, to: &metric)
                    if family.type == .histogram {
                        metric.message(7) { append(histogram: group, to: &$0) }
                    } else {
                        metric.message(4) { append(summary: group, to: &$0) }
                    }
                }
            }
        }
    }

    /// The enumeration `MetricType`.
    private static func number(of type: MetricType) -> UInt64 {
        switch type {
        case .counter: 0
        case .gauge, .info: 1
        case .summary: 2
        case .histogram: 4
        }
    }

    private static func append(_ labels: [Label], to writer: inout ProtobufWriter) {
        for label in labels {
            writer.message(1) { pair in
                pair.string(1, label.name)
                pair.string(2, label.value)
            }
        }
    }

    private static func append(summary group: SampleGroup, to writer: inout ProtobufWriter) {
        writer.integer(1, UInt64(counting: group.count?.value ?? 0))
        writer.double(2, group.sum?.value ?? 0)
        if let created = group.count?.details?.created { append(time: created, as: 4, to: &writer) }
    }

    /// A native histogram's own count replaces the classic one: the two are counted in different cells, and a reader
    /// refuses a native histogram whose buckets do not add up.
    private static func append(histogram group: SampleGroup, to writer: inout ProtobufWriter) {
        let details = group.count?.details
        writer.integer(1, details?.native?.count ?? UInt64(counting: group.count?.value ?? 0))
        writer.double(2, group.sum?.value ?? 0)
        for bucket in group.buckets {
            writer.message(3) { message in
                message.integer(1, UInt64(counting: bucket.sample.value))
                message.double(2, bucket.bound)
                if let exemplar = bucket.sample.details?.exemplar { append(exemplar, as: 3, to: &message) }
            }
        }
        if let native = details?.native { append(native, to: &writer) }
        if let created = details?.created { append(time: created, as: 15, to: &writer) }
    }

    private static func append(_ native: NativeHistogram, to writer: inout ProtobufWriter) {
        writer.signed(5, Int64(native.schema))
        writer.double(6, native.zeroThreshold)
        writer.integer(7, native.zeroCount)
        append(NativeSpans(native.negative), spans: 9, deltas: 10, to: &writer)
        append(NativeSpans(native.positive), spans: 12, deltas: 13, to: &writer)
    }

    private static func append(_ buckets: NativeSpans, spans: Int, deltas: Int, to writer: inout ProtobufWriter) {
        for span in buckets.spans {
            writer.message(spans) { message in
                message.signed(1, Int64(span.offset))
                message.integer(2, UInt64(span.length))
            }
        }
        for delta in buckets.deltas { writer.signed(deltas, delta) }
    }

    private static func append(_ observed: ObservedExemplar, as field: Int, to writer: inout ProtobufWriter) {
        writer.message(field) { exemplar in
            append(observed.exemplar.labels, to: &exemplar)
            exemplar.double(2, observed.value)
            append(time: observed.exemplar.time, as: 3, to: &exemplar)
        }
    }

    /// A `google.protobuf.Timestamp`.
    private static func append(time: Double, as field: Int, to writer: inout ProtobufWriter) {
        let milliseconds = UInt64((min(max(time, 0), 1e12) * 1000).rounded())
        writer.message(field) { timestamp in
            timestamp.integer(1, milliseconds / 1000)
            if milliseconds % 1000 > 0 { timestamp.integer(2, milliseconds % 1000 * 1_000_000) }
        }
    }
}

extension UInt64 {
    /// A number of observations; what a damaged file makes of it is brought into range.
    fileprivate init(counting value: Double) {
        self = value > 0 ? UInt64(Swift.min(value, 0x1p63)) : 0
    }
}
