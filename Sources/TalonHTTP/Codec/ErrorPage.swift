/// The whole response to a request that never reached the application: a small HTML page like gunicorn's, after which
/// the connection closes.
package enum ErrorPage {
    /// Appends the response.
    ///
    /// - Parameters:
    ///   - detail: a sentence for the page; it is escaped.
    ///   - isHead: whether the request was HEAD, so that the page is announced but not sent (RFC 9110 §9.3.2).
    ///   - dateLine: `DateCache.line(at:)`, or nothing if the time is not known.
    /// - Returns: how many bytes of it are body.
    @discardableResult
    package static func render(
        status: Int, reason: String, detail: String, isHead: Bool = false, dateLine: [UInt8] = [],
        into out: inout [UInt8]
    ) -> Int64 {
        var page: [UInt8] = []
        page.append(literal: "<html>\n  <head>\n    <title>")
        page.append(escaped: reason)
        page.append(literal: "</title>\n  </head>\n  <body>\n    <h1><p>")
        page.append(escaped: reason)
        page.append(literal: "</p></h1>\n    ")
        page.append(escaped: detail)
        page.append(literal: "\n  </body>\n</html>\n")

        out.append(literal: "HTTP/1.1 ")
        out.append(decimal: Int64(status))
        out.append(Byte.space)
        // The phrase comes from code, not from a peer; a line end in it would still be a second head.
        for byte in reason.utf8 where ByteClass.of(byte) & ByteClass.value != 0 { out.append(byte) }
        out.append(literal: "\r\nServer: talon\r\n")
        out.append(contentsOf: dateLine)
        out.append(literal: "Connection: close\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ")
        out.append(decimal: Int64(page.count))
        out.append(literal: "\r\n\r\n")
        guard !isHead else { return 0 }
        out.append(contentsOf: page)
        return Int64(page.count)
    }

    /// Appends the response to a refused request.
    package static func render(
        _ rejection: Rejection, isHead: Bool = false, dateLine: [UInt8] = [], into out: inout [UInt8]
    ) {
        render(
            status: rejection.status, reason: rejection.reason, detail: rejection.detail, isHead: isHead,
            dateLine: dateLine, into: &out)
    }
}

extension [UInt8] {
    /// Appends text with the five characters escaped that mean something in HTML.
    fileprivate mutating func append(escaped text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x26: append(literal: "&amp;")
            case 0x3C: append(literal: "&lt;")
            case 0x3E: append(literal: "&gt;")
            case 0x22: append(literal: "&quot;")
            case 0x27: append(literal: "&#x27;")
            default: append(byte)
            }
        }
    }
}
