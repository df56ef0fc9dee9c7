/// Why a request is refused: one case for each rule of the codec.
///
/// After any of them the connection must close, because what follows in the stream cannot be trusted (RFC 9112 §6.3,
/// §11.2).
package enum Rejection: UInt8, CaseIterable, Equatable, Sendable {
    // The request line (RFC 9112 §3).
    case emptyLines, requestLine, requestLineEnding, requestLineTooLong
    case method, methodLength, connectMethod
    case targetByte, targetForm, targetAsterisk, targetUserinfo, targetAuthority
    case version, majorVersion
    // Field lines (RFC 9112 §5).
    case tooManyFields, fieldTooLong, headTooLarge
    case fieldColon, fieldNameEmpty, fieldName, fieldNameSpace, fieldNameUnderscore
    case leadingSpace, foldedLine, fieldValue, fieldLineEnding
    // Fields that decide who is meant and how long the message is (RFC 9112 §3.2, §6; RFC 9110 §7.2, §10.1.1).
    case hostMissing, hostRepeated, host
    case contentTypeRepeated, contentLengthRepeated, contentLength, contentLengthWithCoding
    case codingInOldVersion, coding, codingNotLast, codingUnknown
    case expectation
    // What proxies say.
    case schemeContradiction
    case proxyHeader, proxyForbidden
    // HTTP in clear where TLS is spoken.
    case clearText
    // Frames of HTTP/2 that cost us more than their sender (RFC 9113 §10.5).
    case streamFlood
    // It did not arrive in time (RFC 9110 §15.5.9).
    case timeout
    // The chunked body (RFC 9112 §7.1).
    case chunkSize, chunkExtension, chunkExtensionTooLong, chunkEnding, trailerForbidden

    /// The status to answer with.
    package var status: Int {
        switch self {
        case .tooManyFields, .fieldTooLong, .headTooLarge: 431
        case .codingUnknown, .connectMethod: 501
        case .majorVersion: 505
        case .expectation: 417
        case .timeout: 408
        case .proxyForbidden: 403
        default: 400
        }
    }

    /// The phrase of that status.
    package var reason: String { HTTPStatus.reasonPhrase(status) }

    /// The class of exception gunicorn raises for it, for logs and metrics.
    package var errorType: String {
        switch self {
        // gunicorn answers 400, where RFC 9112 §3 asks for 414: log-based alerts of its users rely on the 400.
        case .requestLineTooLong: "LimitRequestLine"
        case .emptyLines, .requestLine, .requestLineEnding, .targetByte, .targetForm, .targetAsterisk, .targetUserinfo,
            .targetAuthority:
            "InvalidRequestLine"
        case .method, .methodLength, .connectMethod: "InvalidRequestMethod"
        case .version, .majorVersion: "InvalidHTTPVersion"
        case .tooManyFields, .fieldTooLong, .headTooLarge: "LimitRequestHeaders"
        case .fieldName, .fieldNameSpace, .fieldNameUnderscore, .trailerForbidden: "InvalidHeaderName"
        case .foldedLine: "ObsoleteFolding"
        case .fieldColon, .fieldNameEmpty, .leadingSpace, .fieldValue, .fieldLineEnding, .hostMissing, .hostRepeated,
            .host, .contentTypeRepeated, .contentLengthRepeated, .contentLength, .contentLengthWithCoding,
            .codingInOldVersion, .coding, .codingNotLast:
            "InvalidHeader"
        case .codingUnknown: "UnsupportedTransferCoding"
        case .expectation: "ExpectationFailed"
        case .schemeContradiction: "InvalidSchemeHeaders"
        case .proxyHeader: "InvalidProxyLine"
        case .proxyForbidden: "ForbiddenProxyRequest"
        case .clearText: Rejection.noSession
        // gunicorn does not count these.
        case .streamFlood: "StreamFlood"
        // gunicorn has no such limit, so this name is ours.
        case .timeout: "RequestTimeout"
        case .chunkSize: "InvalidChunkSize"
        case .chunkExtension, .chunkExtensionTooLong: "InvalidChunkExtension"
        case .chunkEnding: "ChunkMissingTerminator"
        }
    }

    /// The class of exception gunicorn has when no keys can be agreed on with a client.
    package static let noSession = "SSLError"

    /// What is wrong, in words for the error page and the log.
    ///
    /// Never a byte of the request itself.
    package var detail: String {
        switch self {
        case .emptyLines: "Too many empty lines before the request line"
        case .requestLine: "Invalid HTTP request line"
        case .requestLineEnding: "The request line does not end in CRLF"
        case .requestLineTooLong: "Request Line is too large"
        case .method: "Invalid HTTP method"
        case .methodLength: "The HTTP method is shorter than 3 or longer than 20 characters"
        case .connectMethod: "CONNECT is not supported"
        case .targetByte: "Invalid character in the request target"
        case .targetForm: "The request target is neither a path nor an http URI"
        case .targetAsterisk: "The request target * is only for OPTIONS"
        case .targetUserinfo: "The request target has user information"
        case .targetAuthority: "The request target has an invalid host"
        case .version: "Invalid HTTP version"
        case .majorVersion: "Only HTTP/1.0 and HTTP/1.1 are supported"
        case .tooManyFields: "Error parsing headers: limit request headers fields"
        case .fieldTooLong: "Error parsing headers: limit request headers fields size"
        case .headTooLarge: "Error parsing headers: max buffer headers"
        case .fieldColon: "A header has no colon"
        case .fieldNameEmpty: "A header has no name"
        case .fieldName: "Invalid HTTP header name"
        case .fieldNameSpace: "White space in or after a header name"
        case .fieldNameUnderscore: "A header name has an underscore"
        case .leadingSpace: "White space before the first header"
        case .foldedLine: "Obsolete line folding is unacceptable"
        case .fieldValue: "Control character in a header value"
        case .fieldLineEnding: "A header does not end in CRLF"
        case .hostMissing: "Missing Host header"
        case .hostRepeated: "Repeated Host header"
        case .host: "Invalid Host header"
        case .contentTypeRepeated: "Repeated Content-Type header"
        case .contentLengthRepeated: "Repeated Content-Length header"
        case .contentLength: "Invalid Content-Length header"
        case .contentLengthWithCoding: "Content-Length together with Transfer-Encoding"
        case .codingInOldVersion: "Transfer-Encoding in an HTTP/1.0 request"
        case .coding: "Invalid Transfer-Encoding header"
        case .codingNotLast: "chunked is not the last transfer coding, or is repeated"
        case .codingUnknown: "Unsupported transfer coding"
        case .expectation: "Unable to comply with expectation"
        case .schemeContradiction: "Contradictory scheme headers"
        case .proxyHeader: "Invalid PROXY protocol header"
        case .proxyForbidden: "A PROXY protocol header from a peer that may not send one"
        case .clearText: "The plain HTTP request was sent to an HTTPS port"
        case .streamFlood: "Too many HTTP/2 streams were reset, or frames sent that carry nothing"
        case .timeout: "The request took too long to arrive"
        case .chunkSize: "Invalid chunk size"
        case .chunkExtension: "Invalid chunk extension"
        case .chunkExtensionTooLong: "Chunk extensions are too large"
        case .chunkEnding: "A chunk does not end in CRLF"
        case .trailerForbidden: "A trailer field that belongs into the header"
        }
    }
}
