/// How a request ended.
package enum RequestOutcome: Equatable, Sendable {
    /// The application answered it, whatever the status.
    case answered
    /// The application failed, or the server answered 5xx in its place.
    case failed
    /// The client went away, or was silent for too long. Nobody's failure but its own.
    case abandoned
    /// The client's body was no chunked body.
    case malformed(Rejection)
}

/// What an application says of a request for those who count it.
///
/// The storage is kept from request to request, so that saying something allocates nothing.
package struct RequestNotes: Sendable {
    /// The route template that the request matched; empty if nobody has said one.
    package private(set) var route: [UInt8] = []
    /// The kind of error that the application failed with, such as the name of an exception; empty if it did not.
    package private(set) var error: [UInt8] = []

    /// What the access log may show.
    package var variables = RequestVariables()

    /// A longer text is cut: it becomes the value of a label.
    package static let textLimit = 200

    init() {
        route.reserveCapacity(RequestNotes.textLimit)
    }

    mutating func reset() {
        if !route.isEmpty { route.removeAll(keepingCapacity: true) }
        if !error.isEmpty { error.removeAll(keepingCapacity: true) }
        variables.reset()
    }

    /// The last word counts.
    package mutating func state(route text: Span<UInt8>) {
        RequestNotes.replace(&route, with: text)
    }

    /// The first word counts: what fails afterwards mostly fails because of it. An empty one says "an error".
    package mutating func state(error text: Span<UInt8>) {
        guard error.isEmpty else { return }
        RequestNotes.replace(&error, with: text.count > 0 ? text : RequestNotes.unnamed.span)
    }

    private static let unnamed = Array("Error".utf8)

    private static func replace(_ bytes: inout [UInt8], with text: Span<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(text.extracting(0..<min(text.count, textLimit)))
    }
}
