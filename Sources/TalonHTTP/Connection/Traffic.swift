/// Bytes that went over a connection, framing and heads included, since somebody last took note of them.
package struct Traffic: Equatable, Sendable {
    package internal(set) var received: Int64 = 0
    package internal(set) var sent: Int64 = 0

    package init(received: Int64 = 0, sent: Int64 = 0) {
        self.received = received
        self.sent = sent
    }

    /// What there is to note; nothing is left.
    package mutating func take() -> Traffic {
        defer { self = Traffic() }
        return self
    }
}
