import TalonPlatform

/// Writes the head of a response (RFC 9112 §4, §5) straight into the output: `start`, `append` for each field of the
/// application, `end`.
///
/// Every byte is checked, since an application that copies input into a field must not be able to start another
/// response with it (RFC 9110 §5.5).
package struct ResponseHead: Sendable {
    /// What is wrong with what the application gave.
    package enum Fault: Equatable, Sendable {
        /// Not 200...999, and not 101: other interim responses (RFC 9110 §15.2) are not an application's to give.
        case status
        /// A control byte in the reason phrase.
        case reason
        /// Not a token.
        case fieldName
        /// A control byte: CR and LF would split the response.
        case fieldValue
        /// Not a number, or another one than before.
        case contentLength
    }

    /// What became of a field.
    package enum FieldOutcome: Equatable, Sendable {
        /// Written, or kept for `end` (Content-Length).
        case kept
        /// Left out: a field of the connection, or one that the server sends itself.
        case dropped
        /// Refused; the caller cuts the output back to where the head began and answers 500.
        case refused(Fault)
    }

    /// The status the head was begun with.
    package private(set) var status = 0
    /// The length the application declared.
    package private(set) var contentLength: Int64?

    /// A head to be used again for each response.
    package init() {}

    /// Begins a head with the registered phrase of the status.
    package mutating func start(status: Int, into out: inout [UInt8]) -> Fault? {
        guard begin(status) else { return .status }
        out.append(addingCapacity: 32) { (output: inout OutputSpan<UInt8>) in ResponseHead.begin(status, &output) }
        out.append(literal: HTTPStatus.reasonPhrase(status))
        ChunkEncoder.ending(into: &out)
        return nil
    }

    /// Begins a head with the application's phrase, which may be empty.
    package mutating func start(status: Int, reason: Span<UInt8>, into out: inout [UInt8]) -> Fault? {
        guard reason.skipValue(from: 0, to: reason.count) == reason.count else { return .reason }
        guard begin(status) else { return .status }
        out.append(addingCapacity: reason.count + 32) { (output: inout OutputSpan<UInt8>) in
            ResponseHead.begin(status, &output)
            output.append(copying: reason)
            output.append(literal: "\r\n")
        }
        return nil
    }

    /// The version is the server's own, also for HTTP/1.0 clients (RFC 9110 §6.2); gunicorn echoes the client's.
    private static func begin(_ status: Int, _ output: inout OutputSpan<UInt8>) {
        output.append(literal: "HTTP/1.1 ")
        output.append(decimal: Int64(status))
        output.append(Byte.space)
    }

    private mutating func begin(_ status: Int) -> Bool {
        guard (200...999).contains(status) || status == 101 else { return false }
        self.status = status
        contentLength = nil
        return true
    }

    /// Adds a field of the application.
    package mutating func append(
        name: Span<UInt8>, value: Span<UInt8>, into out: inout [UInt8]
    ) -> FieldOutcome {
        guard name.count > 0, name.isAll(ByteClass.token) else { return .refused(.fieldName) }
        guard Self.isValid(value: value) else { return .refused(.fieldValue) }
        let trimmed = value.trimmed(0, value.count)
        let whole = ByteRange(0, name.count)
        if name.matches(Word.contentLength, whole) {
            guard let length = value.decimal(trimmed), contentLength == nil || contentLength == length else {
                return .refused(.contentLength)
            }
            contentLength = length
            return .kept
        }
        if Self.isOfServer(name, whole) { return .dropped }
        out.append(addingCapacity: name.count + trimmed.count + 4) { (output: inout OutputSpan<UInt8>) in
            output.append(copying: name)
            output.append(literal: ": ")
            output.append(copying: value.extracting(trimmed.range))
            output.append(literal: "\r\n")
        }
        return .kept
    }

    /// Fields of one connection (RFC 9110 §7.6.1), of proxies, and those the server itself sends.
    ///
    /// `trailers` is not a field, but gunicorn drops it.
    private static func isOfServer(_ name: Span<UInt8>, _ whole: ByteRange) -> Bool {
        switch name.count {
        case 2: name.matches(Word.te, whole)
        case 4: name.matches(Word.date, whole)
        case 6: name.matches(Word.server, whole)
        case 7: name.matches(Word.trailer, whole) || name.matches(Word.upgrade, whole)
        case 8: name.matches(Word.trailers, whole)
        case 10: name.matches(Word.connection, whole) || name.matches(Word.keepAlive, whole)
        case 16: name.matches(Word.proxyConnection, whole)
        case 17: name.matches(Word.transferEncoding, whole)
        case 18: name.matches(Word.proxyAuthenticate, whole)
        case 19: name.matches(Word.proxyAuthorization, whole)
        default: false
        }
    }

    /// Whether a field may have this value.
    package static func isValid(value: Span<UInt8>) -> Bool {
        value.skipValue(from: 0, to: value.count) == value.count
    }

    /// Ends the head with the server's fields.
    ///
    /// Connection is always there, as gunicorn sends it.
    ///
    /// - Parameters:
    ///   - upgrade: the protocol that the connection changes to.
    ///   - dateLine: `DateCache.line(at:)`.
    package func end(
        framing: ResponseFraming, upgrade: [UInt8]? = nil, dateLine: [UInt8], into out: inout [UInt8]
    ) {
        let name = upgrade?.count ?? 0
        out.append(addingCapacity: dateLine.count + name + 128) { (output: inout OutputSpan<UInt8>) in
            output.append(literal: "Server: talon\r\n")
            output.append(copying: dateLine.span)
            if let upgrade {
                output.append(literal: "Connection: Upgrade\r\nUpgrade: ")
                output.append(copying: upgrade.span)
                output.append(literal: "\r\n")
            } else {
                output.append(literal: framing.keepAlive ? "Connection: keep-alive\r\n" : "Connection: close\r\n")
            }
            if let length = framing.contentLength {
                output.append(literal: "Content-Length: ")
                output.append(decimal: length)
                output.append(literal: "\r\n")
            } else if framing.body == .chunked {
                output.append(literal: "Transfer-Encoding: chunked\r\n")
            }
            output.append(literal: "\r\n")
        }
    }
}
