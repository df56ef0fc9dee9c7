/// The `traceparent` header: which trace a request belongs to, and which span of it sent the request.
///
/// W3C Trace Context, level 1, §3.2.
package struct TraceParent: Sendable, Hashable {
    /// 16 bytes as two big-endian halves; not both 0.
    package let traceHigh: UInt64
    package let traceLow: UInt64
    /// The span that is the parent of what happens here, 8 bytes big-endian; not 0.
    package let parent: UInt64
    /// Whether the caller keeps this trace, so that a link to it leads somewhere.
    package let isSampled: Bool

    /// The header's value, without white space around it; nil if the specification has it ignored.
    ///
    /// Of a version above 00 the part that 00 has is read, as §4.1 wants it. Takes no memory; for any thread.
    package init?(_ header: Span<UInt8>) {
        guard header.count >= 55, header[2] == UInt8(ascii: "-"), header[35] == UInt8(ascii: "-"),
            header[52] == UInt8(ascii: "-"), let version = Self.number(header, 0..<2), version != 0xff,
            header.count == 55 || version > 0 && header[55] == UInt8(ascii: "-"),
            let traceHigh = Self.number(header, 3..<19), let traceLow = Self.number(header, 19..<35),
            traceHigh | traceLow != 0, let parent = Self.number(header, 36..<52), parent != 0,
            let flags = Self.number(header, 53..<55)
        else { return nil }
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.parent = parent
        isSampled = flags & 1 == 1
    }

    /// The exemplar of something that happened at `time`, in seconds since 1970.
    package func exemplar(at time: Double) -> Exemplar {
        Exemplar(traceHigh: traceHigh, traceLow: traceLow, span: parent, time: time)
    }

    /// At most 16 hexadecimal digits in lower case, which alone the specification allows.
    @inline(__always) private static func number(_ header: Span<UInt8>, _ digits: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        var wrong: UInt8 = 0
        // Without branches: digits are random, and to guess which kind comes next costs more than to work out both.
        for index in digits {
            let decimal = header[index] &- UInt8(ascii: "0")
            let letter = header[index] &- UInt8(ascii: "a")
            value = value << 4 | UInt64(decimal < 10 ? decimal : letter &+ 10)
            wrong |= (decimal < 10 ? 0 : 1) & (letter < 6 ? 0 : 1)
        }
        return wrong == 0 ? value : nil
    }
}
