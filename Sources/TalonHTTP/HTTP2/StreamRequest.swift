import TalonPlatform

/// The head of one stream's request on its way to HTTP/1.1: collected field by field, then written as the server's parser
/// reads it.
///
/// What could mean one thing here and another there is refused: a request that is taken apart twice must come out the
/// same (RFC 9113 §8.2.1, §10.3).
struct StreamRequest {
    private(set) var rejection: Rejection?
    private var method: [UInt8] = []
    private var scheme: [UInt8] = []
    private var path: [UInt8] = []
    private var authority: [UInt8]?
    private var host: [UInt8]?
    /// Field lines, but for Host and cookies.
    private var lines: [UInt8] = []
    /// Cookies may come in pieces; RFC 9113 §8.2.3.
    private var cookie: [UInt8]?
    private var length: Int64?
    private var hasRegular = false
    /// As SETTINGS_MAX_HEADER_LIST_SIZE counts; RFC 9113 §6.5.2.
    private var size = 0
    private let sizeLimit: Int

    init(sizeLimit: Int) {
        self.sizeLimit = sizeLimit
    }

    /// Whether the answer is to have no body. Methods are case-sensitive.
    var isHead: Bool { method == StreamRequest.headMethod }
    /// The body is to be sent in chunks.
    private(set) var isChunked = false

    mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        guard rejection == nil else { return }
        size += name.count + value.count + 32
        guard size <= sizeLimit else { return refuse(.headTooLarge) }
        guard value.skipValue(from: 0, to: value.count) == value.count else { return refuse(.fieldValue) }
        if name.count > 0, name[0] == Byte.colon { return addPseudo(name, value) }
        hasRegular = true
        guard StreamRequest.isName(name) else { return refuse(.fieldName) }
        addRegular(name, value)
    }

    private mutating func refuse(_ rejection: Rejection) {
        self.rejection = rejection
        // Nobody will ask for it.
        (lines, cookie) = ([], nil)
    }

    /// RFC 9113 §8.3: before the others, known, and once.
    private mutating func addPseudo(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        guard !hasRegular else { return refuse(.fieldName) }
        let rest = ByteRange(1, name.count)
        if name.matches(StreamRequest.methodName, rest), method.isEmpty {
            guard value.count > 0, value.isAll(ByteClass.token) else { return refuse(.method) }
            method.append(value)
        } else if name.matches(StreamRequest.schemeName, rest), scheme.isEmpty {
            scheme.append(value)
        } else if name.matches(StreamRequest.pathName, rest), path.isEmpty {
            guard value.count > 0, StreamRequest.isVisible(value) else { return refuse(.targetByte) }
            path.append(value)
        } else if name.matches(StreamRequest.authorityName, rest), authority == nil {
            guard StreamRequest.isVisible(value) else { return refuse(.host) }
            authority = StreamRequest.copy(value)
        } else {
            // Also :protocol, which nobody was told of; RFC 8441 §3.
            refuse(.fieldName)
        }
    }

    private mutating func addRegular(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        let whole = ByteRange(0, name.count)
        if name.matches(Word.host, whole) {
            guard host == nil else { return refuse(.hostRepeated) }
            guard StreamRequest.isVisible(value) else { return refuse(.host) }
            host = StreamRequest.copy(value)
        } else if name.matches(StreamRequest.cookieName, whole) {
            if cookie == nil { cookie = [] } else { cookie?.append(literal: "; ") }
            cookie?.append(value)
        } else if StreamRequest.isOfConnection(name, whole) {
            refuse(.fieldName)
        } else if name.matches(Word.te, whole), !value.matches(Word.trailers, ByteRange(0, value.count)) {
            refuse(.fieldValue)
        } else {
            if name.matches(Word.contentLength, whole) {
                guard length == nil else { return refuse(.contentLengthRepeated) }
                length = value.decimal(ByteRange(0, value.count))
                guard length != nil else { return refuse(.contentLength) }
            }
            lines.append(name)
            lines.append(literal: ": ")
            lines.append(value)
            ChunkEncoder.ending(into: &lines)
        }
    }

    /// The head in HTTP/1.1, when all fields are here; nil if the request is refused.
    mutating func head(hasBody: Bool) -> [UInt8]? {
        conclude(hasBody)
        guard rejection == nil else { return nil }
        isChunked = hasBody && length == nil
        var head: [UInt8] = []
        head.reserveCapacity(lines.count + path.count + 256)
        head.append(contentsOf: method)
        head.append(Byte.space)
        head.append(contentsOf: path)
        head.append(literal: " HTTP/1.1\r\nhost: ")
        head.append(contentsOf: authority ?? host ?? [])
        ChunkEncoder.ending(into: &head)
        head.append(contentsOf: lines)
        if let cookie {
            head.append(literal: "cookie: ")
            head.append(contentsOf: cookie)
            ChunkEncoder.ending(into: &head)
        }
        if isChunked { head.append(literal: "transfer-encoding: chunked\r\n") }
        ChunkEncoder.ending(into: &head)
        (lines, cookie) = ([], nil)
        return head
    }

    /// What all fields together must be; RFC 9113 §8.3.1.
    private mutating func conclude(_ hasBody: Bool) {
        guard rejection == nil else { return }
        let whole = ByteRange(0, method.count)
        if method.span.matches(Word.connect, whole) { return refuse(.connectMethod) }
        guard !method.isEmpty, !path.isEmpty, isHTTP else { return refuse(.requestLine) }
        let isAsterisk = path == [0x2A] && method.span.matches(Word.options, whole)
        guard path[0] == 0x2F || isAsterisk else { return refuse(.targetForm) }
        if let authority, let host, !StreamRequest.areSame(authority, host) { return refuse(.host) }
        guard authority != nil || host != nil else { return refuse(.hostMissing) }
        // Who waits for a body that has ended would wait for ever.
        if !hasBody, let length, length > 0 { return refuse(.contentLength) }
    }

    /// Behind a proxy it may be the one of its own client.
    private var isHTTP: Bool {
        let whole = ByteRange(0, scheme.count)
        return scheme.span.matches(StreamRequest.http, whole) || scheme.span.matches(StreamRequest.https, whole)
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(bytes)
        return copy
    }

    /// Hosts are compared without regard to case; RFC 9110 §4.2.3.
    private static func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { Byte.lower($0) == Byte.lower($1) }
    }

    /// A token without capitals; RFC 9113 §8.2.1.
    private static func isName(_ name: Span<UInt8>) -> Bool {
        guard name.count > 0, name.isAll(ByteClass.token) else { return false }
        for index in name.indices where name[index] != Byte.lower(name[index]) { return false }
        return true
    }

    /// Nothing in it could end a word of the request line, or the line.
    private static func isVisible(_ value: Span<UInt8>) -> Bool {
        for index in value.indices where value[index] <= Byte.space || value[index] == 0x7F { return false }
        return true
    }

    /// RFC 9113 §8.2.2.
    private static func isOfConnection(_ name: Span<UInt8>, _ whole: ByteRange) -> Bool {
        name.matches(Word.connection, whole) || name.matches(Word.keepAlive, whole)
            || name.matches(Word.proxyConnection, whole) || name.matches(Word.transferEncoding, whole)
            || name.matches(Word.upgrade, whole)
    }

    private static let headMethod = Array("HEAD".utf8)
    private static let methodName = Array("method".utf8)
    private static let schemeName = Array("scheme".utf8)
    private static let pathName = Array("path".utf8)
    private static let authorityName = Array("authority".utf8)
    private static let cookieName = Array("cookie".utf8)
    private static let http = Array("http".utf8)
    private static let https = Array("https".utf8)
}
