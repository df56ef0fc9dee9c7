import TalonPlatform

/// What StatsD is told of requests, by gunicorn's names: timers one by one, counters as sums, many lines in a datagram.
/// A datagram leaves when it is full, and once a second. Any thread that runs the application.
final class RequestStatistics: @unchecked Sendable {
    // Unchecked: everything below is used under the lock.
    private let statsD: StatsD
    private let lock = Lock()
    private var lines: [UInt8] = []
    private var line: [UInt8] = []
    private var requests = 0
    /// By status, and which of them are not 0.
    private var statuses = [Int](repeating: 0, count: 1000)
    private var seen: [Int] = []
    /// CLOCK_MONOTONIC, nanoseconds. The loop's.
    private var sentAt: UInt64 = 0

    private static let interval = nanosecondsPerSecond

    init(_ statsD: StatsD) {
        self.statsD = statsD
        lines.reserveCapacity(StatsD.datagramLimit)
    }

    /// A request is over, with this status, or 0 if none was sent.
    func count(status: Int, nanoseconds: UInt64) {
        lock.withLock {
            requests += 1
            if statuses.indices.contains(status), status > 0 {
                if statuses[status] == 0 { seen.append(status) }
                statuses[status] += 1
            }
            add("gunicorn.request.duration", .timer) { RequestStatistics.append(milliseconds: nanoseconds, to: &$0) }
        }
    }

    /// The loop's thread, at each turn.
    func turned(now: UInt64) {
        guard now &- sentAt >= RequestStatistics.interval else { return }
        sentAt = now
        flush()
    }

    /// Sends what has gathered.
    func flush() {
        lock.withLock {
            guard requests > 0 else { return }
            add("gunicorn.requests", requests)
            for status in seen {
                add("gunicorn.request.status.\(status)", statuses[status])
                statuses[status] = 0
            }
            seen.removeAll(keepingCapacity: true)
            requests = 0
            send()
        }
    }

    private func add(_ name: String, _ sum: Int) {
        add(name, .counter) { $0.append(contentsOf: "\(sum)".utf8) }
    }

    private func add(_ name: String, _ kind: StatsD.Kind, value: (inout [UInt8]) -> Void) {
        line.removeAll(keepingCapacity: true)
        statsD.append(name, kind, to: &line, value: value)
        if lines.count + 1 + line.count > StatsD.datagramLimit { send() }
        if !lines.isEmpty { lines.append(0x0A) }
        lines.append(contentsOf: line)
    }

    private func send() {
        statsD.send(lines)
        lines.removeAll(keepingCapacity: true)
    }

    /// "12.345".
    private static func append(milliseconds nanoseconds: UInt64, to line: inout [UInt8]) {
        let microseconds = nanoseconds / 1000
        line.append(contentsOf: "\(microseconds / 1000).".utf8)
        let rest = microseconds % 1000
        for divisor: UInt64 in [100, 10, 1] { line.append(0x30 + UInt8(rest / divisor % 10)) }
    }
}
