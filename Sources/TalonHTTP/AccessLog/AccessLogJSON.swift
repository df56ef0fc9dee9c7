import TalonPlatform

/// One access line as an object of JSON (RFC 8259). Texts that a request does not have are left out.
struct AccessLogJSON {
    let record: AccessRecord
    let head: RequestHead
    /// Up to the second, in UTC.
    let time: [UInt8]
    /// Of the credentials, not escaped.
    let user: [UInt8]

    private static let requestID = Array("x-request-id".utf8)

    func render(request: Span<UInt8>, response: Span<UInt8>, into out: inout [UInt8]) {
        out.append(literal: #"{"time":""#)
        out.append(contentsOf: time)
        out.append(0x2E)
        out.append(decimal: Int64(record.unixTime / 1_000_000 % 1000), width: 3)
        out.append(literal: #"Z""#)
        if let address = record.remoteAddress, address.count > 0 {
            out.append(literal: #","remote_addr":""#)
            out.append(address)
            out.append(Byte.quote)
        }
        Self.append(#","user":"#, user.span, into: &out)
        Self.append(#","method":"#, request.extracting(head.method.range), into: &out)
        Self.append(#","host":"#, request.extracting(head.authority.range), into: &out)
        Self.append(#","path":"#, request.extracting(head.path.range), into: &out)
        Self.append(#","query":"#, request.extracting(head.query.range), into: &out)
        out.append(literal: #","protocol":""#)
        AccessLogFormat.appendVersion(head, into: &out)
        out.append(literal: #"","status":"#)
        out.append(decimal: Int64(record.status))
        out.append(literal: #","bytes_sent":"#)
        out.append(decimal: record.bodyBytes)
        out.append(literal: #","duration":"#)
        out.append(seconds: record.microseconds)
        appendField(#","referer":"#, AccessLogFormat.referer, request, into: &out)
        appendField(#","user_agent":"#, AccessLogFormat.userAgent, request, into: &out)
        if let stated = AccessLogFormat.field(Self.requestID, ofHead: response) {
            Self.append(#","request_id":"#, response.extracting(stated.range), into: &out)
        } else {
            appendField(#","request_id":"#, Self.requestID, request, into: &out)
        }
        out.append(literal: #","pid":"#)
        out.append(decimal: Int64(record.processID))
        out.append(literal: "}")
    }

    private func appendField(_ key: String, _ name: [UInt8], _ request: Span<UInt8>, into out: inout [UInt8]) {
        guard let value = head.value(of: name, in: request) else { return }
        Self.append(key, request.extracting(value.range), into: &out)
    }

    private static func append(_ key: String, _ text: Span<UInt8>, into out: inout [UInt8]) {
        guard !text.isEmpty else { return }
        out.append(literal: key)
        out.append(Byte.quote)
        out.append(json: text)
        out.append(Byte.quote)
    }
}

extension [UInt8] {
    /// `1.002345`.
    mutating func append(seconds microseconds: Int64) {
        append(decimal: microseconds / 1_000_000)
        append(0x2E)
        append(decimal: microseconds % 1_000_000, width: 6)
    }
}
