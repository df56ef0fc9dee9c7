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
    private let own = FleetFamilies()
    private let log: ErrorLog
    private let lock = Lock()
    private var standing: RedisFault.Kind?
    private var isKnown = false
    private let aggregates: Bool
    /// nil: what former runs have counted was not read yet. Of whoever has the turn.
    private var totals: FleetTotals?
    /// One page at a time: each is large.
    private let turn = Slots(1)
    /// Scrapes that are made or waited for.
    private let scrapes = Slots(8)

    /// For reading all instances; nanoseconds. What Prometheus waits for a page.
    private static let timeLimit = 10 * nanosecondsPerSecond
    /// How many pages are asked for at a time, and how large all of these may be.
    private static let batch = 64
    private static let limits = RedisConnection.Limits(bytes: 256 << 20, elements: 200_000)

    /// `aggregates`: totals, not a series for each instance.
    init(_ settings: RedisSettings, aggregates: Bool, log: ErrorLog) {
        self.settings = settings
        self.aggregates = aggregates
        self.log = log
    }

    func maintain(now: UInt64) {}

    /// Whether the last scrape has reached Redis.
    var readiness: Readiness {
        lock.withLock { standing }.map { .unready("Redis at \(settings.server): \($0.rawValue)") } ?? .ready
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
        let begun = MonotonicClock.now()
        var pages: [InstancePage] = []
        var unreadable = 0
        let fault = read(&pages, &unreadable)
        note(fault)
        // Without Redis there is nothing to be added: totals that lack some would look as if counters had fallen.
        if fault != nil { pages = [] }
        var families =
            own.own(folder: (0, 0), isConnected: fault == nil)
            + own.ofFleet(instances: pages.count, unreadable: unreadable, took: MonotonicClock.now() - begun)
        let isOfInstances: (InstancePage.Family) -> Bool
        if aggregates, fault == nil {
            let (totals, gauges) = total(pages)
            families += totals.filter { !FleetFamilies.names.contains($0.name) }
            isOfInstances = { $0.type == .gauge && gauges.contains($0.name) }
        } else {
            isOfInstances = { _ in true }
        }
        if !names.isEmpty { families = families.restricted(to: names) }
        let fleet = FleetExposition(pages) { family in
            isOfInstances(family) && !FleetFamilies.names.contains(family.name) && family.isAmong(names)
        }
        return fleet.text() + ExpositionFormat.text.render(families)
    }

    /// What is added up, and the names of gauges that are not.
    private func total(_ pages: [InstancePage]) -> ([MetricFamily], Set<String>) {
        var totals = self.totals ?? FleetTotals()
        self.totals = nil  // else it would be copied
        let families = totals.families(pages, now: MonotonicClock.now())
        if totals.hasNewlyEnded { keep(totals.endedPage()) }
        self.totals = totals
        return (families, totals.gaugesOfInstances)
    }

    /// Leaves what former runs have counted to whoever comes after. If Redis does not take it now, the next change does.
    private func keep(_ page: [UInt8]) {
        let deadline = MonotonicClock.now() + FleetPages.timeLimit
        let command = RedisCommand("SET", bytes: [Array(settings.endedKey.utf8), page])
        _ = try? RedisConnection(to: settings.server, before: deadline).exchange([command])
    }

    private func read(_ pages: inout [InstancePage], _ unreadable: inout Int) -> RedisFault? {
        do {
            let deadline = MonotonicClock.now() + FleetPages.timeLimit
            let connection = try RedisConnection(to: settings.server, limits: FleetPages.limits, before: deadline)
            if aggregates, totals == nil {
                let kept = try connection.exchange([RedisCommand("GET", [settings.endedKey])])
                var page: InstancePage?
                if case .text(let bytes)? = kept.first { page = InstancePage(instance: "", bytes: bytes) }
                totals = FleetTotals(ended: page)
            }
            let listed = try connection.exchange([RedisCommand("ZRANGE", [settings.instancesKey, "0", "-1"])])
            guard case .list(let entries)? = listed.first else { return nil }
            var rest = entries.compactMap { if case .text(let name) = $0 { name } else { nil } }[...]
            while !rest.isEmpty {
                let names = Array(rest.prefix(FleetPages.batch)).map { String(decoding: $0, as: UTF8.self) }
                rest = rest.dropFirst(FleetPages.batch)
                let commands = names.map { RedisCommand("GET", [settings.key(ofInstance: $0)]) }
                try connection.exchange(commands) { index, reply in
                    // One whose time is over is gone from Redis before its name is.
                    if case .nothing = reply { return }
                    guard case .text(let bytes) = reply, let page = InstancePage(instance: names[index], bytes: bytes)
                    else {
                        unreadable += 1
                        return
                    }
                    pages.append(page)
                }
            }
            return nil
        } catch {
            return error
        }
    }

    /// One line for each change.
    private func note(_ fault: RedisFault?) {
        let isNew = lock.withLock {
            let isNew = !isKnown || standing != fault?.kind
            (isKnown, standing) = (true, fault?.kind)
            return isNew
        }
        guard isNew else { return }
        guard let fault else { return log.info("Connected to Redis at \(settings.server)") }
        log.warning(
            "Redis at \(settings.server) does not tell the metrics: \(fault.reason); it is asked at each scrape")
    }
}
