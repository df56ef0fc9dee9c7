import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// The pages of a fleet: what all instances have forwarded to one Redis. Any thread.
///
/// Read at each scrape. With a label for each instance nothing is kept, so that each of several exporters shows the same.
/// Totals have a memory of former runs, which is in Redis too.
final class FleetPages: PageSource, @unchecked Sendable {
    // Unchecked: what changes is under the lock.
    private let settings: RedisSettings
    private let kind: Kind
    private let own = FleetFamilies()
    private let lock = Lock()
    private var standing: Standing
    private var memoryStanding: Standing
    /// What the last readiness probe found that asked Redis, and before when no other asks; CLOCK_MONOTONIC.
    private var probe: (fault: RedisFault?, until: UInt64) = (RedisFault(.unreachable, "not asked yet"), 0)
    /// nil: what former runs have counted is to be read. With ``memory`` and ``knownRuns`` of whoever has the turn.
    private var totals: FleetTotals?
    /// Totals that are to begin anew, until they do; nil if they had not looked for so long that others know more.
    private var superseded: FleetTotals?
    private var addedAt: UInt64 = 0
    private var memory: FleetMemory
    /// Of runs that are over: when what was read of them was written, by their names.
    private var knownRuns: [String: String] = [:]
    /// One page at a time: each is large.
    private let turn = Slots(1)
    /// Scrapes that are made or waited for.
    private let scrapes = Slots(8)

    enum Kind: Equatable {
        /// A series for each instance.
        case instances
        /// Of one of them alone.
        case instance(String)
        /// A series for all instances.
        case totals
    }

    /// For all that a scrape wants of Redis; nanoseconds. Half of what Prometheus waits for a page.
    private static let timeLimit = 5 * nanosecondsPerSecond
    private static let probeLimit = nanosecondsPerSecond
    /// Who looks more often than this knows what was there last; nanoseconds.
    private static let longestGap = 600 * nanosecondsPerSecond

    init(_ settings: RedisSettings, _ kind: Kind, log: ErrorLog) {
        self.settings = settings
        self.kind = kind
        memory = FleetMemory(settings)
        standing = Standing(log, good: "Connected to Redis at \(settings.server)") {
            "Redis at \(settings.server) does not tell the metrics: \($0); it is asked at each scrape"
        }
        memoryStanding = Standing(log, good: nil) {
            "Redis at \(settings.server) does not keep what former runs have counted: \($0); "
                + "it is asked again, and until then this exporter's end loses it"
        }
    }

    func maintain(now: UInt64) {}

    /// Whether the last scrape had its pages; if not, whether it would have them now: perhaps nobody scrapes who is not
    /// ready.
    var readiness: Readiness {
        let known: Readiness? = lock.withLock {
            if standing.isGood { return .ready }
            let now = MonotonicClock.now()
            if now < probe.until { return readiness(probe.fault) }
            probe.until = now + FleetPages.probeLimit
            return nil
        }
        if let known { return known }
        let fault = ask()
        lock.withLock { probe.fault = fault }
        return readiness(fault)
    }

    private func readiness(_ fault: RedisFault?) -> Readiness {
        fault.map { .unready("Redis at \(settings.server): \($0.kind.rawValue)") } ?? .ready
    }

    /// Asks for the first of what a scrape asks for.
    private func ask() -> RedisFault? {
        do {
            let deadline = MonotonicClock.now() + FleetPages.probeLimit
            let connection = try RedisConnection(to: settings.server, before: deadline)
            let listed = try connection.exchange([RedisCommand("ZRANGE", [settings.instancesKey, "0", "0"])])
            guard case .list(let entries)? = listed.first, let name = entries.first?.string else { return nil }
            _ = try connection.exchange([RedisCommand("GETRANGE", [settings.key(ofInstance: name), "0", "0"])])
            return nil
        } catch {
            return error
        }
    }

    /// As text: half a million series are not worth another.
    func render(accept: String?, names: [String], coding: ContentCoding) -> RenderedPage? {
        scrapes.withOneIfFree {
            turn.withOne {
                let made = coding.compress(page(Set(names)))
                return RenderedPage(type: ExpositionFormat.text.contentType, body: made.bytes, coding: made.coding)
            }
        }
    }

    private func page(_ names: Set<String>) -> [UInt8] {
        var begun = MonotonicClock.now()
        do {
            // Before the pages, which are then the newer ones.
            if kind == .totals, totals == nil { totals = try recall() }
            begun = MonotonicClock.now()
            var reading = try FleetReading(settings, before: begun + FleetPages.timeLimit)
            if case .instance(let name) = kind {
                try reading.readPages(of: name)
            } else {
                try reading.readPages(of: nil)
            }
            let former = kind == .totals ? try reading.readRuns(known: &knownRuns) : []
            let took = MonotonicClock.now() - begun
            lock.withLock { standing.note(nil) }
            return page(reading, former, took: took, names)
        } catch {
            lock.withLock { standing.note(error) }
            // Without Redis there is nothing to be added: totals that lack some would look as if counters had fallen.
            return text([], own(0, 0, took: MonotonicClock.now() - begun, isConnected: false), names) { _ in true }
        }
    }

    private func page(
        _ reading: FleetReading, _ former: [InstancePage], took: UInt64, _ names: Set<String>
    ) -> [UInt8] {
        var families = own(reading.pages.count, reading.unreadable, took: took, isConnected: true)
        guard kind == .totals else { return text(reading.pages, families, names) { _ in true } }
        var totals = self.totals ?? FleetTotals()
        self.totals = nil  // else it would be copied
        let sums = totals.families(reading.pages, former: former)
        let gauges = totals.gaugesOfInstances
        let now = MonotonicClock.now()
        if keep(&totals, now: now) {
            self.totals = totals
        } else {
            superseded = now - addedAt < FleetPages.longestGap ? totals : nil
        }
        addedAt = now
        families += sums.filter { !FleetFamilies.names.contains($0.name) }
        return text(reading.pages, families, names) { $0.type == .gauge && gauges.contains($0.name) }
    }

    /// Totals that begin with what was kept.
    private func recall() throws(RedisFault) -> FleetTotals {
        knownRuns = [:]
        var totals = FleetTotals()
        do {
            totals = try memory.recall()
        } catch {
            guard error.isForGood else { throw error }
            // Somebody else's key, or no permission: the totals begin now.
            lock.withLock { memoryStanding.note(error) }
            if error.kind == .garbage { totals.keepNothing() }
        }
        if let superseded { totals.adopt(superseded) }
        superseded = nil
        return totals
    }

    /// Leaves what former runs have counted to whoever comes after; false if the totals are to begin with what is kept.
    private func keep(_ totals: inout FleetTotals, now: UInt64) -> Bool {
        let outcome = memory.keep(&totals, now: now)
        switch outcome {
        case .none, .disturbed, .superseded: break
        case .kept: lock.withLock { memoryStanding.note(nil) }
        case .failed(let fault): lock.withLock { memoryStanding.note(fault) }
        }
        return outcome != .superseded
    }

    private func own(_ instances: Int, _ unreadable: Int, took: UInt64, isConnected: Bool) -> [MetricFamily] {
        own.own(folder: (0, 0), isConnected: isConnected)
            + own.ofFleet(instances: instances, unreadable: unreadable, took: took)
    }

    /// `families`, and of the pages those families that are wanted.
    private func text(
        _ pages: [InstancePage], _ families: [MetricFamily], _ names: Set<String>,
        where isWanted: (InstancePage.Family) -> Bool
    ) -> [UInt8] {
        let fleet = FleetExposition(pages) { family in
            isWanted(family) && !FleetFamilies.names.contains(family.name) && family.isAmong(names)
        }
        return fleet.text() + ExpositionFormat.text.render(names.isEmpty ? families : families.restricted(to: names))
    }
}

/// How it stands with Redis, of which the log has one line for each change.
private struct Standing {
    private var fault: RedisFault?
    private var isKnown = false
    private let log: ErrorLog
    private let good: String?
    private let bad: (String) -> String

    /// `good`: what is said when all is well; nil: nothing.
    init(_ log: ErrorLog, good: String?, bad: @escaping (String) -> String) {
        self.log = log
        self.good = good
        self.bad = bad
    }

    var isGood: Bool { isKnown && fault == nil }

    mutating func note(_ new: RedisFault?) {
        guard !isKnown || fault?.kind != new?.kind else { return }
        (isKnown, fault) = (true, new)
        if let new { log.warning(bad(new.reason)) } else if let good { log.info(good) }
    }
}

extension RedisFault {
    /// Whether to ask again at once would be answered the same.
    fileprivate var isForGood: Bool { kind == .wrongType || kind == .garbage || reason.hasPrefix("NOPERM") }
}
