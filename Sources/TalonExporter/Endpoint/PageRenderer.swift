import TalonMetrics
import TalonPlatform

/// What the pages of a metrics port are made of. Called by one thread at a time.
protocol MetricsSource {
    /// What is to be done now and then. `now`: CLOCK_MONOTONIC.
    mutating func maintain(now: UInt64)

    /// `details`: with what only some formats show.
    mutating func families(details: Bool) -> [MetricFamily]
}

/// A page for a scrape, and how it is compressed.
struct RenderedPage {
    let type: String
    let body: [UInt8]
    let coding: ContentCoding
}

/// Who makes pages. Any thread.
protocol PageSource: Sendable {
    /// What is to be done now and then. `now`: CLOCK_MONOTONIC.
    func maintain(now: UInt64)

    /// In a format that the client accepts, compressed as it likes best if that is worth it; `names`: what it asked for
    /// by `name[]`, nothing for all. nil if there are too many.
    func render(accept: String?, names: [String], coding: ContentCoding) -> RenderedPage?
}

/// Makes pages of families. Any thread.
///
/// One reads at a time, for a reader knows what it parsed before. Those who come meanwhile wait for the next reading,
/// which is one for all of them.
final class PageRenderer: PageSource, @unchecked Sendable {
    // Unchecked: all is under the lock, but the page, which belongs to the one who reads.
    private let lock = Lock()
    private let ended = Condition()
    /// Scrapes for which a page is made or waited for.
    private let scrapes: Slots
    /// Pages that are made at a time: more would take memory, and no less time.
    private let slots = Slots(4)
    private var page: any MetricsSource
    private var isReading = false
    /// Readings, counted.
    private var begun = 0
    private var done = 0
    /// Those that wait for a reading.
    private var waiting = 0
    /// Somebody has come for a format that shows more than the others do, and will come again.
    private var readsDetails = false
    private var latest: [MetricFamily] = []

    /// `limit`: scrapes at a time.
    init(_ page: any MetricsSource, limit: Int) {
        self.page = page
        scrapes = Slots(limit)
    }

    /// Not while a scrape reads, for it comes again.
    func maintain(now: UInt64) {
        let mayRun = lock.withLock {
            guard !isReading else { return false }
            isReading = true
            return true
        }
        guard mayRun else { return }
        page.maintain(now: now)
        lock.withLock {
            isReading = false
            ended.broadcast()
        }
    }

    func render(accept: String?, names: [String], coding: ContentCoding) -> RenderedPage? {
        scrapes.withOneIfFree {
            let format = ExpositionFormat.negotiate(accept: accept)
            var families = families(details: format.showsDetails)
            return slots.withOne {
                if !names.isEmpty { families = families.restricted(to: Set(names)) }
                let made = coding.compress(format.render(families))
                return RenderedPage(type: format.contentType, body: made.bytes, coding: made.coding)
            }
        }
    }

    /// As a reading that began after this call has found them. `details`: with what only some formats show.
    func families(details: Bool) -> [MetricFamily] {
        let wanted = lock.withLock {
            waiting += 1
            if details { readsDetails = true }
            return begun + 1
        }
        while true {
            var details = false
            let found: [MetricFamily]? = lock.withLock {
                while isReading, done < wanted { ended.wait(lock) }
                if done >= wanted {
                    waiting -= 1
                    defer { if waiting == 0 { latest = [] } }
                    return latest
                }
                isReading = true
                begun += 1
                details = readsDetails
                return nil
            }
            if let found { return found }
            let families = page.families(details: details)
            lock.withLock {
                latest = families
                done = begun
                isReading = false
                ended.broadcast()
            }
        }
    }
}
