import TalonHTTP
import TalonPlatform
import TalonSettings

/// Writes the access log: one line and one system call for each response, and one more for syslog. Any application
/// thread, each with a buffer of its own.
final class AccessLogWriter: @unchecked Sendable {
    // Unchecked: what changes is the loop's.
    private let file: LogFile?
    private let syslog: Syslog?
    private let layout: AccessLogLayout
    /// The loop's own, for requests whose thread does not write.
    private let loopLine = AccessLine()
    /// What an application is to state of its requests: names as they are written in the format.
    let variables: [StableText]

    /// nil if nobody wants an access log.
    init?(file: LogFile?, syslog: Syslog?, layout: AccessLogLayout) {
        guard file != nil || syslog != nil else { return nil }
        self.file = file
        self.syslog = syslog
        self.layout = layout
        variables = layout.variables.map { StableText($0) }
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
        self.init(file: file, syslog: syslog, layout: AccessLogLayout { inheritance.setting($0) })
    }

    /// Opens the file anew, because it may have been moved away.
    func reopen(_ log: ErrorLog) {
        do {
            try file?.reopen()
        } catch {
            log.error("The access log cannot be opened anew: \(error)")
        }
    }

    /// Lines tell of the response's fields, which an exchange is to keep for that.
    var showsResponse: Bool { layout.showsResponse }

    /// On the thread of the exchange.
    func write(_ exchange: Exchange) {
        guard let connection = exchange.connection else { return }
        let record = record(
            of: connection, status: exchange.status, bodyBytes: exchange.bytesSent,
            nanoseconds: exchange.endedAt &- exchange.startedAt, variables: exchange.notes.variables)
        write(record, of: connection, response: exchange.responseHead, in: exchange.accessLine)
    }

    /// The loop's thread.
    func write(_ connection: Connection, status: Int, bodyBytes: Int64, nanoseconds: UInt64) {
        let record = record(of: connection, status: status, bodyBytes: bodyBytes, nanoseconds: nanoseconds)
        write(record, of: connection, response: [], in: loopLine)
    }

    private func record(
        of connection: Connection, status: Int, bodyBytes: Int64, nanoseconds: UInt64,
        variables: RequestVariables = RequestVariables()
    ) -> AccessRecord {
        AccessRecord(
            remoteAddress: connection.peer.address, unixTime: MonotonicClock.unixTime(), status: status,
            bodyBytes: bodyBytes, microseconds: Int64(nanoseconds / 1000), processID: ThisProcess.pid,
            variables: variables)
    }

    private func write(_ record: AccessRecord, of connection: Connection, response: [UInt8], in line: AccessLine) {
        connection.input.withBytes {
            line.render(record, as: layout, head: connection.head, request: $0, response: response.span)
        }
        syslog?.send(.info, String(decoding: line.bytes, as: UTF8.self))
        line.bytes.append(0x0A)
        file?.append(line.bytes)
    }
}
