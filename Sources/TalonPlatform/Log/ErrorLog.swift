import CTalonPlatform
import Glibc

/// The error log in gunicorn's format: `[2026-11-22 19:35:31 +0000] [4711] [INFO] text`.
///
/// Any thread may write; a record is one system call and stays whole.
package struct ErrorLog: Sendable {
    private let file: LogFile
    /// nil: records go to the file alone.
    private let syslog: Syslog?
    package let level: LogLevel
    /// Counts the records, whether they are written or not.
    package let statsD: StatsD?

    package init(file: LogFile, level: LogLevel, syslog: Syslog? = nil) {
        self.file = file
        self.level = level
        self.syslog = syslog
        statsD = nil
    }

    package init(_ log: ErrorLog, statsD: StatsD?) {
        file = log.file
        level = log.level
        syslog = log.syslog
        self.statsD = statsD
    }

    /// Where it goes; the same number after ``reopen()``.
    package var descriptor: FileDescriptor { file.descriptor }

    /// Writes a record if `level` is as grave as the setting asks.
    package func write(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard level >= self.level || (statsD != nil && level >= .warning) else { return }
        let text = message()
        statsD?.count(level, text)
        guard level >= self.level else { return }
        let stamp = LogTime.errorLog(unixSeconds: Int(MonotonicClock.unixTime() / nanosecondsPerSecond))
        let line = "[\(stamp)] [\(ThisProcess.pid)] [\(level.name.uppercased())] \(text)\n"
        file.append(Array(line.utf8))
        syslog?.send(level, text)
    }

    package func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }
    package func info(_ message: @autoclosure () -> String) { write(.info, message()) }
    package func warning(_ message: @autoclosure () -> String) { write(.warning, message()) }
    package func error(_ message: @autoclosure () -> String) { write(.error, message()) }
    package func critical(_ message: @autoclosure () -> String) { write(.critical, message()) }

    /// Opens the file anew; see ``LogFile/reopen()``. Says so in the old one if that fails. Any thread.
    package func reopen() {
        do {
            try file.reopen()
        } catch {
            self.error("The error log cannot be opened anew: \(error)")
        }
    }

    /// See ``LogFile/close()``.
    package func close() {
        file.close()
    }

    /// Bytes as they are.
    package func append(_ bytes: [UInt8]) {
        file.append(bytes)
    }
}

/// Times as logs write them, in the local time zone.
package enum LogTime {
    /// "2026-11-22 19:35:31 +0000".
    package static func errorLog(unixSeconds: Int) -> String {
        format(unixSeconds, "%Y-%m-%d %H:%M:%S %z")
    }

    /// "[22/Nov/2026:19:35:31 +0000]", the access log's `t`.
    package static func accessLog(unixSeconds: Int) -> String {
        format(unixSeconds, "[%d/%b/%Y:%H:%M:%S %z]")
    }

    private static func format(_ unixSeconds: Int, _ pattern: String) -> String {
        var time = time_t(unixSeconds)
        var parts = tm()
        localtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, pattern, &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
