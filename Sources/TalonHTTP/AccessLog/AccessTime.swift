/// The `t` atom, rendered at most once a second: `[22/Nov/2026:19:35:31 +0000]`.
package struct AccessTime: Sendable {
    private var second: Int?
    private var offset = 0
    private var cached: [UInt8] = []

    /// A cache that has rendered nothing yet.
    package init() {
        cached.reserveCapacity(28)
    }

    /// The text for seconds since 1970, in a time zone that is `offset` seconds east of UTC.
    package mutating func text(at unixSeconds: Int, offset: Int = 0) -> [UInt8] {
        if second == unixSeconds, self.offset == offset { return cached }
        second = unixSeconds
        self.offset = offset
        let time = CivilTime(unixSeconds: unixSeconds + offset)
        let minutes = Int64(offset.magnitude / 60)
        cached.removeAll(keepingCapacity: true)
        cached.append(Byte.openBracket)
        cached.append(decimal: Int64(time.day), width: 2)
        cached.append(Byte.slash)
        cached.append(literal: time.monthName)
        cached.append(Byte.slash)
        cached.append(decimal: Int64(time.year), width: 4)
        cached.append(Byte.colon)
        cached.append(clock: time)
        cached.append(literal: offset < 0 ? " -" : " +")
        cached.append(decimal: minutes / 60, width: 2)
        cached.append(decimal: minutes % 60, width: 2)
        cached.append(Byte.closeBracket)
        return cached
    }
}
