/// The values of the label `method`: the methods of RFC 9110, PATCH (RFC 5789) and the usual ones of WebDAV (RFC 4918,
/// RFC 3253, RFC 5323). A client can send any other, so those share one.
package enum MethodLabel {
    package static let all = [
        "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY",
        "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "OTHER", "UNKNOWN",
    ]
    static let other = all.count - 2
    /// Of a request that was refused before its method was known.
    static let unknown = all.count - 1

    /// A method's bytes as one number: methods are told apart by one comparison.
    private static let packed = all.prefix(other).map { pack(Array($0.utf8).span) }

    /// The index in ``all``. Methods are case-sensitive (RFC 9110 §9.1).
    package static func index(of method: Span<UInt8>) -> Int {
        guard method.count <= 9 else { return other }
        let wanted = pack(method)
        for (index, method) in packed.enumerated() where method == wanted { return index }
        return other
    }

    private static func pack(_ bytes: Span<UInt8>) -> UInt128 {
        var packed: UInt128 = 0
        for index in bytes.indices { packed = packed << 8 | UInt128(bytes[index]) }
        return packed
    }
}
