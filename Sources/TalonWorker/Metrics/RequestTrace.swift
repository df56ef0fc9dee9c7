import TalonHTTP
import TalonMetrics

/// The trace that a request belongs to, by its `traceparent` field; W3C Trace Context §3.2.
enum RequestTrace {
    /// `traceparent`, as bytes: such a constant is part of the program.
    private static let name: InlineArray<11, UInt8> = [
        0x74, 0x72, 0x61, 0x63, 0x65, 0x70, 0x61, 0x72, 0x65, 0x6E, 0x74,
    ]

    /// nil unless the client keeps the trace: an exemplar that leads nowhere is of no use. Of several fields none counts.
    static func sampled(of connection: Connection) -> TraceParent? {
        connection.input.withBytes { bytes in
            var found: TraceParent?
            var hasOne = false
            for field in connection.head.fields where isName(bytes.extracting(field.name.range)) {
                guard !hasOne else { return nil }
                hasOne = true
                found = TraceParent(bytes.extracting(field.value.range))
            }
            return found.flatMap { $0.isSampled ? $0 : nil }
        }
    }

    private static func isName(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == name.count else { return false }
        for index in name.indices where bytes[index] | 0x20 != name[index] { return false }
        return true
    }
}
