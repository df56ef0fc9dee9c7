import TalonHTTP
import TalonPlatform

/// Writes the access log: one line and one system call for each response. Any application thread.
final class AccessLogWriter: Sendable {
    private let file: LogFile
    private let format = AccessLogFormat()

    init(file: LogFile) {
        self.file = file
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
        let seconds = Int(MonotonicClock.unixTime() / nanosecondsPerSecond)
        let record = AccessRecord(
            remoteAddress: Array(connection.peer.address.text.utf8),
            time: Array(LogTime.accessLog(unixSeconds: seconds).utf8), status: exchange.status,
            bodyBytes: exchange.bytesSent, microseconds: Int64((exchange.endedAt &- exchange.startedAt) / 1000),
            processID: ThisProcess.pid)
        var line: [UInt8] = []
        connection.input.withBytes { request in
            let none: [UInt8] = []
            format.render(record, head: connection.head, request: request, response: none.span, into: &line)
        }
        line.append(0x0A)
        file.append(line)
    }
}
