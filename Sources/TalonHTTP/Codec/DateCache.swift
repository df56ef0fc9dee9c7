/// The Date field (RFC 9110 §5.6.7, §6.6.1), rendered at most once a second.
package struct DateCache: Sendable {
    private var second: Int?
    private var text: [UInt8] = []

    /// A cache that has rendered nothing yet.
    package init() {
        text.reserveCapacity(37)
    }

    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` and CRLF, for seconds since 1970.
    package mutating func line(at unixSeconds: Int) -> [UInt8] {
        if second == unixSeconds { return text }
        second = unixSeconds
        let time = CivilTime(unixSeconds: unixSeconds)
        text.removeAll(keepingCapacity: true)
        text.append(literal: "Date: ")
        text.append(literal: time.weekdayName)
        text.append(literal: ", ")
        text.append(decimal: Int64(time.day), width: 2)
        text.append(Byte.space)
        text.append(literal: time.monthName)
        text.append(Byte.space)
        text.append(decimal: Int64(time.year), width: 4)
        text.append(Byte.space)
        text.append(clock: time)
        text.append(literal: " GMT\r\n")
        return text
    }
}

extension [UInt8] {
    /// `08:49:37`.
    mutating func append(clock time: CivilTime) {
        append(decimal: Int64(time.hour), width: 2)
        append(Byte.colon)
        append(decimal: Int64(time.minute), width: 2)
        append(Byte.colon)
        append(decimal: Int64(time.second), width: 2)
    }
}
