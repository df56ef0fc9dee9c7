import TalonHTTP
import TalonPlatform

/// Writes the access log: one line and one system call for each response. Any application thread.
final class AccessLogWriter: Sendable {
    private let file: LogFile
    private let format: AccessLogFormat

    init(file: LogFile, format: AccessLogFormat) {
        self.file = file
        self.format = format
    }

    /// Opens the file anew, because it may have been moved away.
    func reopen(_ log: ErrorLog) {
        do {
            try file.reopen()
        } catch {
            log.error("The access log cannot be opened anew: \(error)")
        }
    }

    func write(_ exchange: Exchange) {
        guard let connection = exchange.connection else { return }
        write(
            connection, status: exchange.status, bodyBytes: exchange.bytesSent,
            nanoseconds: exchange.endedAt &- exchange.startedAt)
    }

    func write(_ connection: Connection, status: Int, bodyBytes: Int64, nanoseconds: UInt64) {
        let seconds = Int(MonotonicClock.unixTime() / nanosecondsPerSecond)
        let record = AccessRecord(
            remoteAddress: Array(connection.peer.address.text.utf8),
            time: Array(LogTime.accessLog(unixSeconds: seconds).utf8), status: status,
            bodyBytes: bodyBytes, microseconds: Int64(nanoseconds / 1000), processID: ThisProcess.pid)
        var line: [UInt8] = []
        connection.input.withBytes { request in
            let none: [UInt8] = []
            format.render(record, head: connection.head, request: request, response: none.span, into: &line)
        }
        line.append(0x0A)
        file.append(line)
    }
}
