/// How a response's body is delimited (RFC 9112 §6.3) and what becomes of the connection after it.
package struct ResponseFraming: Equatable, Sendable {
    /// The ways to delimit a body.
    package enum Body: Equatable, Sendable {
        /// No body may be sent, whatever the application gives.
        case none
        /// Exactly this many bytes: what is over is cut, what is missing breaks the connection.
        case length(Int64)
        /// With chunk lines, as `ChunkEncoder` writes them.
        case chunked
        /// The body ends with the connection: HTTP/1.0 without a length.
        case untilClose
    }

    /// How the body is delimited.
    package let body: Body
    /// The value of the Content-Length field to send, if one is sent.
    ///
    /// HEAD and 304 may have one without a body.
    package let contentLength: Int64?
    /// Whether the connection can be kept after this response.
    package let keepAlive: Bool

    /// Decides.
    ///
    /// - Parameters:
    ///   - contentLength: what the application said, or what is known because the whole body is in memory.
    ///   - keepAlive: whether client and server want to keep the connection.
    package init(status: Int, isHead: Bool, versionMinor: UInt8, contentLength: Int64?, keepAlive: Bool) {
        if status < 200 {
            // RFC 9110 §15.2: no final response, so the next one on this connection would pass for this request's.
            self.init(.none, nil, false)
        } else if status == 204 {
            // RFC 9110 §8.6: no Content-Length.
            self.init(.none, nil, keepAlive)
        } else if isHead || status == 304 {
            self.init(.none, contentLength, keepAlive)
        } else if status == 205 {
            // RFC 9110 §15.3.6: no content, and the client is told so.
            self.init(.length(0), 0, keepAlive)
        } else if let contentLength {
            self.init(.length(contentLength), contentLength, keepAlive)
        } else if versionMinor > 0 {
            self.init(.chunked, nil, keepAlive)
        } else {
            self.init(.untilClose, nil, false)
        }
    }

    /// After 101: what follows is no HTTP (RFC 9110 §15.2.2).
    static let upgraded = ResponseFraming(.untilClose, nil, false)

    private init(_ body: Body, _ contentLength: Int64?, _ keepAlive: Bool) {
        self.body = body
        self.contentLength = contentLength
        self.keepAlive = keepAlive
    }
}
