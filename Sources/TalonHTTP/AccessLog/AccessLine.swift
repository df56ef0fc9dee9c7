import TalonPlatform

/// Makes access lines, one after another, in a buffer that is kept. Of one thread.
package final class AccessLine {
    /// The line that was rendered last.
    package var bytes: [UInt8] = []
    /// The time of day up to the second, and which second that is.
    private var time: [UInt8] = []
    private var second: UInt64?
    private var user: [UInt8] = []

    package init() {}

    /// Renders one line without a line end.
    ///
    /// - Parameters:
    ///   - head: of the request; what is empty in it is missing in the line.
    ///   - request: the read buffer that `head` is about.
    ///   - response: the head of the response as it was written, and perhaps more after it.
    package func render(
        _ record: AccessRecord, as layout: AccessLogLayout, head: RequestHead, request: Span<UInt8>,
        response: Span<UInt8>
    ) {
        bytes.removeAll(keepingCapacity: true)
        stamp(record.unixTime / nanosecondsPerSecond, layout)
        switch layout {
        case .format(let format):
            format.render(record, time: time, head: head, request: request, response: response, into: &bytes)
        case .json:
            user.removeAll(keepingCapacity: true)
            let value = head.value(of: AccessLogFormat.authorization, in: request) ?? .empty
            BasicUser.decode(request.extracting(value.range)) { user.append($0) }
            let json = AccessLogJSON(record: record, head: head, time: time, user: user)
            json.render(request: request, response: response, into: &bytes)
        }
    }

    /// The same for a request of which only this is known.
    package func render(
        _ record: AccessRecord, as layout: AccessLogLayout, method: String, path: String, versionMinor: Int
    ) {
        let request = Array("\(method) \(path)".utf8)
        let end = method.utf8.count
        var head = RequestHead()
        head.method = ByteRange(0, end)
        head.target = ByteRange(end + 1, request.count)
        head.path = head.target
        head.versionMinor = versionMinor == 0 ? 0 : 1
        let none: [UInt8] = []
        render(record, as: layout, head: head, request: request.span, response: none.span)
    }

    /// Of one object, so of one layout; the C library is asked once a second.
    private func stamp(_ second: UInt64, _ layout: AccessLogLayout) {
        guard second != self.second else { return }
        self.second = second
        time.removeAll(keepingCapacity: true)
        switch layout {
        case .format: time.append(literal: LogTime.accessLog(unixSeconds: Int(second)))
        case .json: time.append(rfc3339: CivilTime(unixSeconds: Int(second)))
        }
    }
}

extension [UInt8] {
    /// `2026-11-22T19:35:31`; RFC 3339 §5.6.
    fileprivate mutating func append(rfc3339 time: CivilTime) {
        append(decimal: Int64(time.year), width: 4)
        append(0x2D)
        append(decimal: Int64(time.month), width: 2)
        append(0x2D)
        append(decimal: Int64(time.day), width: 2)
        append(0x54)
        append(clock: time)
    }
}
