import TalonHTTP
import TalonPlatform
import TalonSettings

/// Writes the access log: one line and one system call for each response, and one more for syslog. Any application
/// thread.
final class AccessLogWriter: Sendable {
    private let file: LogFile?
    private let syslog: Syslog?
    private let format: AccessLogFormat

    /// nil if nobody wants an access log.
    init?(file: LogFile?, syslog: Syslog?, format: AccessLogFormat) {
        guard file != nil || syslog != nil else { return nil }
        self.file = file
        self.syslog = syslog
        self.format = format
    }

    /// As the settings say.
    convenience init?(_ inheritance: Inheritance) throws(SystemError) {
        let file = try inheritance.setting("accesslog").map { path throws(SystemError) in
            try LogFile.open(path, standard: .standardOutput)
        }
        var syslog: Syslog?
        if inheritance.setting("disable_redirect_access_to_syslog") != "true" {
            // If it cannot be reached, the error log has said so.
            syslog = try? inheritance.openSyslog("access")
        }
        self.init(
            file: file, syslog: syslog,
            format: AccessLogFormat(inheritance.setting("access_log_format") ?? AccessLogFormat.standard))
    }

    /// Opens the file anew, because it may have been moved away.
    func reopen(_ log: ErrorLog) {
        do {
            try file?.reopen()
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
        syslog?.send(.info, String(decoding: line, as: UTF8.self))
        line.append(0x0A)
        file?.append(line)
    }
}
