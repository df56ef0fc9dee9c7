/// A StatsD server that is told gunicorn's metrics, by the names and in the lines of gunicorn. Any thread.
package final class StatsD: Sendable {
    private let target: DatagramTarget
    /// What each name begins with.
    private let prefix: [UInt8]
    /// What each line ends with: the tags of DogStatsD.
    private let suffix: [UInt8]

    /// The kinds of metric, as they stand in a line.
    package enum Kind: String, Sendable {
        case counter = "|c|@1.0"
        case gauge = "|g"
        case timer = "|ms"
        case histogram = "|h"
    }

    /// So many bytes go through every network in one piece.
    package static let datagramLimit = 1400

    /// `prefix` ends in one dot, whether it is given with one or not. `tags` may be empty.
    package init(_ target: DatagramTarget, prefix: String, tags: String) {
        self.target = target
        var name = prefix[...]
        while name.last == "." { name.removeLast() }
        self.prefix = name.isEmpty ? [] : Array("\(name).".utf8)
        suffix = tags.isEmpty ? [] : Array("|#\(tags)".utf8)
    }

    /// Sends one metric.
    package func send(_ name: String, _ value: Int, _ kind: Kind) {
        var line: [UInt8] = []
        append(name, kind, to: &line) { $0.append(contentsOf: "\(value)".utf8) }
        target.send(line)
    }

    /// Sends lines that ``append(_:_:to:value:)`` has made.
    package func send(_ lines: [UInt8]) {
        if !lines.isEmpty { target.send(lines) }
    }

    /// Appends a line, after a line end if there are others. `value` appends the value.
    @inline(__always)
    package func append(
        _ name: String, _ kind: Kind, to lines: inout [UInt8], value: (inout [UInt8]) -> Void
    ) {
        if !lines.isEmpty { lines.append(0x0A) }
        lines.append(contentsOf: prefix)
        lines.append(contentsOf: name.utf8)
        lines.append(0x3A)
        value(&lines)
        lines.append(contentsOf: kind.rawValue.utf8)
        lines.append(contentsOf: suffix)
    }

    /// Counts a record of the error log, as gunicorn does from warnings on.
    func count(_ level: LogLevel, _ text: String) {
        switch level {
        case .debug, .info: break
        case .warning: send("gunicorn.log.warning", 1, .counter)
        // gunicorn's log.exception().
        case .error where text.contains("\nTraceback (most recent call last):"):
            send("gunicorn.log.exception", 1, .counter)
        case .error: send("gunicorn.log.error", 1, .counter)
        case .critical: send("gunicorn.log.critical", 1, .counter)
        }
    }
}
