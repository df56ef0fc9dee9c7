import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// Forwards the metrics to Redis, on a thread of its own: at once, and then once in each interval.
///
/// Nothing waits for it: workers do not know of it, and scrapes are served by other threads. See docs/decisions/0054.
struct Forwarder: Sendable {
    private let page: ForwardedPage
    private let pages: PageRenderer
    private let families: ForwardingFamilies
    private let log: ErrorLog

    /// For all of a turn but the resolution of the host's name; nanoseconds. The old exporter's for each of its steps.
    private static let timeLimit = 5 * nanosecondsPerSecond
    /// The master kills an exporter that has not ended within two and a half seconds.
    private static let lastTimeLimit = nanosecondsPerSecond
    /// Of what a turn is answered; the first one asks for a page.
    private static let limits = RedisConnection.Limits(bytes: InstancePage.sizeLimit + (1 << 16), elements: 64)

    init(_ page: ForwardedPage, pages: PageRenderer, families: ForwardingFamilies, log: ErrorLog) {
        self.page = page
        self.pages = pages
        self.families = families
        self.log = log
    }

    /// The life of the thread, which ends with the process.
    func run() {
        let settings = page.settings
        var state = ForwardingState(interval: settings.interval, server: "\(settings.server)")
        var isFirst = true
        while true {
            let begun = MonotonicClock.now()
            let fault = forward(isFirst ? .first : .next, within: Forwarder.timeLimit)
            if fault == nil { isFirst = false }
            let now = MonotonicClock.now()
            families.count(fault, took: now - begun, time: Forwarder.time)
            let step = state.ended(fault, begun: begun, now: now, random: .random(in: 0..<1))
            if let message = step.message { log.write(step.level, message) }
            wait(until: step.next)
        }
    }

    /// A last turn, when the server has ended: what was counted since the one before. None where Redis was not reached
    /// then, for nobody waits for it.
    func finish() {
        guard families.wasReached else { return }
        _ = forward(.last, within: Forwarder.lastTimeLimit)
    }

    /// The first turn and the last one also see to what would be lost between two runs.
    private enum Turn {
        case first, next, last
    }

    /// One turn: what was wrong, or nil.
    private func forward(_ turn: Turn, within limit: UInt64) -> RedisFault? {
        let deadline = MonotonicClock.now() + limit
        do {
            // First the connection: while there is none, nothing is read and rendered.
            let connection = try RedisConnection(
                to: page.settings.server, limits: turn == .first ? Forwarder.limits : .words, before: deadline)
            let time = Double(MonotonicClock.unixTime()) / 1e9
            let families = ForwardingFamilies.taken(pages.families(details: true), time: time)
            var commands = page.commands(families, time: Int(time))
            switch turn {
            case .first:
                // Who may not read is not kept from forwarding.
                try connection.exchange([page.inquiry]) { _, reply in
                    guard case .text(let former) = reply else { return }
                    commands = page.handOver(former, before: families, time: time) + commands
                }
            case .next: break
            case .last: commands += page.lastWord(families, time: time)
            }
            _ = try connection.exchange(commands)
            return nil
        } catch {
            return error
        }
    }

    /// Seconds since 1970.
    private static var time: Int { Int(MonotonicClock.unixTime() / nanosecondsPerSecond) }

    private func wait(until time: UInt64) {
        while true {
            let now = MonotonicClock.now()
            guard now < time else { return }
            _ = PollSet.wait(for: [], timeoutMilliseconds: Int32(clamping: (time - now) / 1_000_000 + 1))
        }
    }
}
