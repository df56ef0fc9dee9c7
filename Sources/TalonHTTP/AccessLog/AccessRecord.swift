/// What an access line tells beside the request's own bytes.
package struct AccessRecord: Sendable {
    /// The client's address as text; `-` if it is empty (a unix socket).
    package var remoteAddress: [UInt8]
    /// The time as it is to stand in the line: `[22/Nov/2026:19:35:31 +0000]`.
    package var time: [UInt8]
    /// The status that was sent.
    package var status: Int
    /// Bytes of the body that were sent, without chunk lines.
    package var bodyBytes: Int64
    /// How long the request took.
    package var microseconds: Int64
    /// The worker's process id.
    package var processID: Int32

    /// A record of one response.
    package init(
        remoteAddress: [UInt8], time: [UInt8], status: Int, bodyBytes: Int64, microseconds: Int64, processID: Int32
    ) {
        self.remoteAddress = remoteAddress
        self.time = time
        self.status = status
        self.bodyBytes = bodyBytes
        self.microseconds = microseconds
        self.processID = processID
    }
}
