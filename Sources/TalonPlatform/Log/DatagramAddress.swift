/// Where somebody takes datagrams.
package enum DatagramAddress: Equatable, Sendable {
    case udp(host: String, port: UInt16)
    case unix(UnixSocketName)

    /// gunicorn's address of syslog on Linux.
    package static let syslog = "udp://localhost:514"

    /// As gunicorn's `syslog_addr` says it: `udp://HOST:PORT` or `unix://PATH`, which may end in `#dgram`. nil: something else; streams among it, which may
    /// take half of a record when nothing is to wait for the rest.
    package init?(syslog text: String) {
        if let rest = text.dropping(prefix: "unix://") {
            let parts = rest.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ UnixSocketName(String($0)) }),
                parts.count == 1 || parts[1] == "dgram"
            else { return nil }
            self = .unix(name)
            return
        }
        guard let rest = text.dropping(prefix: "udp://") else { return nil }
        self.init(host: rest, standardPort: 514)
    }

    /// As gunicorn's `statsd_host` says it: `HOST:PORT` or `unix://PATH`. A host may be called unix.
    package init?(statsD text: String) {
        let path = text.dropping(prefix: "unix://") ?? text.dropping(prefix: "unix:")
        if let path, text.hasPrefix("unix://") || UInt16(path) == nil {
            guard let name = UnixSocketName(String(path)) else { return nil }
            self = .unix(name)
        } else {
            self.init(host: text.dropping(prefix: "udp://") ?? text[...], standardPort: 8125)
        }
    }

    private init?(host rest: Substring, standardPort: UInt16) {
        let colon = rest.lastIndex(of: ":").flatMap { rest[$0...].contains("]") ? nil : $0 }
        let host = rest[..<(colon ?? rest.endIndex)].filter { $0 != "[" && $0 != "]" }
        let port = colon.map { UInt16(rest[rest.index(after: $0)...]) } ?? standardPort
        guard !host.isEmpty, !host.contains(where: { $0 <= " " || $0 == "/" }), let port, port > 0 else { return nil }
        self = .udp(host: String(host), port: port)
    }
}

/// RFC 3164 §4.1.1, by the names of syslog(3).
package enum SyslogFacility {
    private static let numbers: [String: Int] = [
        "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "security": 4, "syslog": 5, "lpr": 6, "news": 7,
        "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11, "local0": 16, "local1": 17, "local2": 18, "local3": 19,
        "local4": 20, "local5": 21, "local6": 22, "local7": 23,
    ]

    package static let names = numbers.keys.sorted()

    package static func number(_ name: String) -> Int? { numbers[name.lowercased()] }
}
