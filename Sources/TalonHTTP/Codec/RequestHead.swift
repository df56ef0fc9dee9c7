/// How a request's body is delimited (RFC 9112 §6.3).
package enum BodyFraming: Equatable, Sendable {
    /// No body: no framing field, or `Content-Length: 0`.
    case none
    /// This many bytes follow, at least one.
    case length(Int64)
    /// `ChunkedDecoder` tells where the body ends.
    case chunked
}

/// The head of a request, as ranges of the read buffer.
///
/// Made once for a connection and filled again for each request, so that a request allocates nothing.
package struct RequestHead: Sendable {
    /// The method, which is case-sensitive (RFC 9110 §9.1).
    package internal(set) var method = ByteRange.empty
    /// The request target as it was sent: RAW_URI.
    package internal(set) var target = ByteRange.empty
    /// The path of the target, still percent-encoded; never empty: "/" or "*" if the target has none.
    package internal(set) var path = ByteRange.empty
    /// What follows the first "?" of the target; empty if there is none.
    package internal(set) var query = ByteRange.empty
    /// The host the request is for: of the target in absolute form, else of the Host field (RFC 9112 §3.2.2).
    package internal(set) var authority = ByteRange.empty
    /// Whether the target is in absolute form, so that `authority` is its host and the Host field is to be ignored.
    package internal(set) var isAbsoluteForm = false
    /// 0 or 1: a higher minor version is understood as 1 (RFC 9112 §2.3).
    package internal(set) var versionMinor: UInt8 = 1
    /// The version as it was sent, if it is neither 1.x nor refused: ``Leniency/anyVersion``.
    package internal(set) var otherVersion: (major: UInt8, minor: UInt8)?
    /// The field lines in their order, without those that were dropped.
    package internal(set) var fields: [HeaderField] = []
    /// How the body is delimited (RFC 9112 §6.3).
    package internal(set) var framing = BodyFraming.none
    /// Whether the client wants the connection kept: by version and Connection options (RFC 9112 §9.3).
    package internal(set) var keepAlive = true
    /// Whether the client waits for "100 Continue" before it sends a body (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false
    /// Whether the method is HEAD, so that no body may be answered (RFC 9110 §9.3.2).
    package internal(set) var isHead = false
    /// A trusted proxy says that its client came by https.
    package internal(set) var isSecure = false
    /// A value has line ends in it, which are to become spaces.
    var hasFolds = false
    /// The method is to be written in capitals.
    var hasSmallMethod = false
    /// The bytes of the head from the start of the buffer, skipped empty lines included: the body starts here.
    package internal(set) var byteCount = 0

    /// An empty head with room for the fields of a usual browser.
    package init() {
        fields.reserveCapacity(32)
    }

    /// Empties the head and keeps its storage.
    package mutating func reset() {
        method = .empty
        target = .empty
        path = .empty
        query = .empty
        authority = .empty
        isAbsoluteForm = false
        versionMinor = 1
        otherVersion = nil
        if !fields.isEmpty { fields.removeLast(fields.count) }
        framing = .none
        keepAlive = true
        expectsContinue = false
        isHead = false
        isSecure = false
        hasFolds = false
        hasSmallMethod = false
        byteCount = 0
    }

    /// Puts the host of an absolute target into the Host field, which an application would go by (RFC 9112 §3.2.2).
    mutating func replaceHost(_ bytes: Span<UInt8>) {
        for index in fields.indices where bytes.matches(Word.host, fields[index].name) {
            fields[index] = HeaderField(name: fields[index].name, value: authority, isUnderscored: false)
        }
    }

    /// The value of the last field of this name, which is given in lower case.
    package func value(of name: [UInt8], in bytes: Span<UInt8>) -> ByteRange? {
        var index = fields.count
        while index > 0 {
            index -= 1
            if bytes.matches(name, fields[index].name) { return fields[index].value }
        }
        return nil
    }
}
