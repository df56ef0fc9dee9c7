/// A syslog daemon that records go to beside the log files, in the form of Python's SysLogHandler: a priority by
/// RFC 3164, a tag, the text, a zero. Any thread.
package final class Syslog: Sendable {
    private let target: DatagramTarget
    private let facility: Int
    private let tag: String

    /// `tag` begins each record. Throws why there is nobody at the address.
    package init(_ address: DatagramAddress, facility: Int, tag: String) throws(SystemError) {
        self.facility = facility
        self.tag = tag
        target = try DatagramTarget(address)
    }

    package func send(_ level: LogLevel, _ text: String) {
        let priority = facility << 3 | level.syslogSeverity
        target.send(Array("<\(priority)>\(tag): [\(ThisProcess.pid)] \(text)\0".utf8))
    }
}

extension LogLevel {
    /// RFC 3164 §4.1.1.
    fileprivate var syslogSeverity: Int {
        switch self {
        case .debug: 7
        case .info: 6
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
