/// The forms of a request target (RFC 9112 §3.2).
///
/// The bytes were checked before.
extension RequestHead {
    /// Finds path, query and, in absolute form, the host.
    ///
    /// The authority form is only for CONNECT, which is refused with 501: the method is unknown to the whole server
    /// (RFC 9110 §15.6.2), and 405 would need an Allow field.
    mutating func splitTarget(_ bytes: Span<UInt8>) -> Rejection? {
        let lower = Int(target.lower)
        let upper = Int(target.upper)
        guard lower < upper else { return .requestLine }
        if bytes[lower] == Byte.slash {
            splitPath(bytes, from: lower, to: upper)
            return nil
        }
        if bytes[lower] == Byte.asterisk {
            guard upper - lower == 1 else { return .targetForm }
            guard bytes.matches(Word.options, method) else { return .targetAsterisk }
            path = target
            return nil
        }
        return splitAbsolute(bytes, from: lower, to: upper)
    }

    private mutating func splitPath(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        var index = start
        while index < end, bytes[index] != Byte.question { index += 1 }
        path = ByteRange(start, index)
        query = index < end ? ByteRange(index + 1, end) : ByteRange(end, end)
    }

    /// `http://host:port/path?query`, which every server must accept (RFC 9112 §3.2.2).
    private mutating func splitAbsolute(_ bytes: Span<UInt8>, from lower: Int, to upper: Int) -> Rejection? {
        let start: Int
        if lower + 7 <= upper, bytes.matches(Word.http, ByteRange(lower, lower + 7)) {
            start = lower + 7
        } else if lower + 8 <= upper, bytes.matches(Word.https, ByteRange(lower, lower + 8)) {
            start = lower + 8
        } else {
            return .targetForm
        }
        var end = start
        while end < upper, bytes[end] != Byte.slash, bytes[end] != Byte.question {
            // RFC 9110 §4.2.4: user information is a trick to make a URI look like another.
            if bytes[end] == 0x40 { return .targetUserinfo }
            end += 1
        }
        authority = ByteRange(start, end)
        isAbsoluteForm = true
        // RFC 9110 §4.2.1: an http URI without a host is invalid.
        guard end > start, bytes[start] != Byte.colon, HostSyntax.isValid(bytes, authority) else {
            return .targetAuthority
        }
        splitPath(bytes, from: end, to: upper)
        // An empty path means "/" (RFC 9110 §4.2.3); the last slash of "://" is one that can be pointed at.
        if path.isEmpty { path = ByteRange(start - 1, start) }
        return nil
    }
}
