package import TalonHTTP
package import TalonMetrics

/// What is counted of one request.
package struct RequestFacts {
    /// Index in ``MethodLabel/all``.
    package var method: Int
    /// 0 if none was sent.
    package var status: Int
    /// Nanoseconds.
    package var duration: UInt64
    package var queued: UInt64
    /// Bytes of the bodies.
    package var bodyReceived: Int64
    package var bodySent: Int64
    package var traffic: Traffic
    /// The trace that the request belongs to, if its client keeps it.
    package var trace: TraceParent?

    package init(
        method: Int, status: Int, duration: UInt64, queued: UInt64, bodyReceived: Int64, bodySent: Int64,
        traffic: Traffic, trace: TraceParent? = nil
    ) {
        self.method = method
        self.status = status
        self.duration = duration
        self.queued = queued
        self.bodyReceived = bodyReceived
        self.bodySent = bodySent
        self.traffic = traffic
        self.trace = trace
    }
}
