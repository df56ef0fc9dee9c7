import Glibc

/// Why there is no response.
package enum HTTPFailure: Error, Equatable, CustomStringConvertible {
    /// Nobody listens, or the connection was refused: errno.
    case notConnected(Int32)
    /// The request could not be sent: errno.
    case notSent(Int32)
    /// The connection ended before the first byte of a response; with the errno of a reset, else 0.
    case closed(Int32)
    /// The connection ended inside a response, whose bytes so far these are.
    case cut(String)
    /// The time was over, with these bytes so far.
    case late(String)
    /// What came is no HTTP.
    case malformed(String)

    package var description: String {
        switch self {
        case .notConnected(let code): "not connected: \(String(cString: strerror(code)))"
        case .notSent(let code): "request not sent: \(String(cString: strerror(code)))"
        case .closed(let code): code == 0 ? "closed without an answer" : "reset without an answer (errno \(code))"
        case .cut(let text): "closed inside the response: \(text.debugDescription)"
        case .late(let text): "no complete response in time; so far: \(text.debugDescription)"
        case .malformed(let text): "not HTTP: \(text.debugDescription)"
        }
    }
}
