/// The trace that an observation belongs to.
package struct Exemplar: Sendable, Hashable {
    /// The trace's id, 16 bytes as two big-endian halves; not both 0.
    package let traceHigh: UInt64
    package let traceLow: UInt64
    /// The id of the span, 8 bytes big-endian; 0 if there is none.
    package let span: UInt64
    /// When, in seconds since 1970.
    package let time: Double

    package init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, time: Double) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.time = time
    }

    /// What labels it in an exposition.
    ///
    /// At most 63 characters; OpenMetrics allows 128.
    package var labels: [Label] {
        let trace = Label("trace_id", Self.hex(traceHigh) + Self.hex(traceLow))
        return span == 0 ? [trace] : [Label("span_id", Self.hex(span)), trace]
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// An exemplar with the value that was observed.
package struct ObservedExemplar: Sendable, Hashable {
    package let exemplar: Exemplar
    package let value: Double

    package init(_ exemplar: Exemplar, value: Double) {
        self.exemplar = exemplar
        self.value = value
    }
}
