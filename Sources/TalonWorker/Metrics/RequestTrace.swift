import TalonHTTP
import TalonMetrics
import TalonPlatform

/// The trace that a request belongs to, by its `traceparent` field; W3C Trace Context §3.2.
enum RequestTrace {
    private static let name = Array("traceparent".utf8)

    /// nil unless the client keeps the trace: an exemplar that leads nowhere is of no use.
    static func sampled(of connection: Connection) -> TraceParent? {
        connection.input.withBytes { bytes in
            guard let value = connection.head.value(of: name, in: bytes) else { return nil }
            return TraceParent(bytes.extracting(value.range)).flatMap { $0.isSampled ? $0 : nil }
        }
    }
}
