/// The fields that decide for whom a request is and how long it is, collected while the lines are parsed.
///
/// Everything in which two readers of the same bytes could differ is refused: request smuggling is that difference
/// (RFC 9112 §6.3, §11.2).
struct FramingFields: Sendable {
    private var hasHost = false
    private var hasContentType = false
    private var length: Int64?
    private var hasCoding = false
    private var isChunked = false
    private var wantsClose = false
    private var wantsKeepAlive = false
    private var wantsContinue = false

    /// Whether a field of this name is one of these. They may not be folded, whatever else may.
    static func areTold(by name: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        bytes.matches(Word.host, name) || bytes.matches(Word.expect, name) || bytes.matches(Word.connection, name)
            || bytes.matches(Word.contentType, name) || bytes.matches(Word.contentLength, name)
            || bytes.matches(Word.transferEncoding, name)
    }

    /// Takes note of a field line, if it is one of these fields.
    mutating func note(_ field: HeaderField, _ bytes: Span<UInt8>, _ head: inout RequestHead) -> Rejection? {
        switch field.name.count {
        case 4 where bytes.matches(Word.host, field.name): noteHost(field.value, bytes, &head)
        case 6 where bytes.matches(Word.expect, field.name): noteExpect(field.value, bytes, head)
        case 10 where bytes.matches(Word.connection, field.name): noteConnection(field.value, bytes)
        case 12 where bytes.matches(Word.contentType, field.name): noteContentType()
        case 14 where bytes.matches(Word.contentLength, field.name): noteLength(field.value, bytes)
        case 17 where bytes.matches(Word.transferEncoding, field.name): noteCoding(field.value, bytes, head)
        default: nil
        }
    }

    /// What follows from all fields together.
    func conclude(_ bytes: Span<UInt8>, _ head: inout RequestHead) -> Rejection? {
        // RFC 9112 §3.2.
        if !hasHost, head.versionMinor > 0 { return .hostMissing }
        // RFC 9112 §6.1: a server may process this; a strict one does not.
        if hasCoding, length != nil { return .contentLengthWithCoding }
        if head.isAbsoluteForm, hasHost { head.replaceHost(bytes) }
        if isChunked {
            head.framing = .chunked
        } else if let length, length > 0 {
            head.framing = .length(length)
        }
        // RFC 9112 §9.3: close wins; HTTP/1.0 closes unless told otherwise.
        head.keepAlive = !wantsClose && (head.versionMinor > 0 || wantsKeepAlive)
        // RFC 9110 §10.1.1: ignored in HTTP/1.0, and without a body there is nothing to wait for.
        head.expectsContinue = wantsContinue && head.versionMinor > 0 && head.framing != .none
        return nil
    }

    private mutating func noteHost(
        _ value: ByteRange, _ bytes: Span<UInt8>, _ head: inout RequestHead
    ) -> Rejection? {
        if hasHost { return .hostRepeated }
        hasHost = true
        guard HostSyntax.isValid(bytes, value) else { return .host }
        // The host of an absolute target wins (RFC 9112 §3.2.2).
        if !head.isAbsoluteForm { head.authority = value }
        return nil
    }

    /// RFC 9110 §8.3: a single value; gunicorn refuses a second line.
    private mutating func noteContentType() -> Rejection? {
        if hasContentType { return .contentTypeRepeated }
        hasContentType = true
        return nil
    }

    /// RFC 9112 §6.3 lets a recipient merge equal lengths; refusing them too is simpler and safer.
    private mutating func noteLength(_ value: ByteRange, _ bytes: Span<UInt8>) -> Rejection? {
        if length != nil { return .contentLengthRepeated }
        guard let number = bytes.decimal(value) else { return .contentLength }
        length = number
        return nil
    }

    private mutating func noteExpect(_ value: ByteRange, _ bytes: Span<UInt8>, _ head: RequestHead) -> Rejection? {
        guard bytes.matches(Word.continues, value) else { return .expectation }
        wantsContinue = true
        return nil
    }

    /// RFC 9110 §7.6.1: options that are not about the connection's life are of no interest to an origin server.
    private mutating func noteConnection(_ value: ByteRange, _ bytes: Span<UInt8>) -> Rejection? {
        var list = FieldList(value)
        while let option = list.next(bytes) {
            if bytes.matches(Word.close, option) { wantsClose = true }
            if bytes.matches(Word.keepAlive, option) { wantsKeepAlive = true }
        }
        return nil
    }

    /// RFC 9112 §6.1, §6.3, §7: only `chunked`, once, last, in HTTP/1.1.
    ///
    /// Other codings are possible there, not here.
    private mutating func noteCoding(_ value: ByteRange, _ bytes: Span<UInt8>, _ head: RequestHead) -> Rejection? {
        if head.versionMinor == 0 { return .codingInOldVersion }
        hasCoding = true
        var list = FieldList(value)
        while let coding = list.next(bytes) {
            guard !coding.isEmpty, bytes.extracting(coding.range).isAll(ByteClass.token) else { return .coding }
            if isChunked { return .codingNotLast }
            guard bytes.matches(Word.chunked, coding) else { return .codingUnknown }
            isChunked = true
        }
        return nil
    }
}

/// The elements of a comma-separated value (RFC 9110 §5.6.1), without the white space around them.
struct FieldList {
    private var start: Int
    private let end: Int

    init(_ value: ByteRange) {
        start = Int(value.lower)
        end = Int(value.upper)
    }

    /// The next element, also an empty one; nil after the last.
    ///
    /// An empty value has one empty element.
    mutating func next(_ bytes: Span<UInt8>) -> ByteRange? {
        guard start <= end else { return nil }
        var index = start
        while index < end, bytes[index] != Byte.comma { index += 1 }
        let element = bytes.trimmed(start, index)
        start = index + 1
        return element
    }
}
