import TalonMetrics
import TalonPlatform

/// Makes the page for a scrape. Any thread.
///
/// One reads at a time, for a reader knows what it parsed before. Those who come meanwhile wait for the next reading,
/// which is one for all of them.
final class PageRenderer: @unchecked Sendable {
    // Unchecked: all is under the lock, but the page, which belongs to the one who reads.
    private let lock = Lock()
    private let ended = Condition()
    private let limit: Int
    private var page: MetricsPage
    private var isReading = false
    /// Readings, counted.
    private var begun = 0
    private var done = 0
    private var waiting = 0
    /// Somebody has come for a format that shows more than the others do, and will come again.
    private var readsDetails = false
    private var latest: [MetricFamily] = []

    /// `limit`: scrapes that may wait for a reading.
    init(_ page: MetricsPage, limit: Int) {
        self.page = page
        self.limit = limit
    }

    /// What is to be done now and then; not while a scrape reads, for it comes again. `now`: CLOCK_MONOTONIC.
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

    /// In the format that the client accepts; `names`: what it asked for by `name[]`, nothing for all. nil if too many
    /// wait.
    func render(accept: String?, names: [String]) -> (type: String, body: [UInt8])? {
        let format = ExpositionFormat.negotiate(accept: accept)
        guard var families = families(details: format.showsDetails) else { return nil }
        if !names.isEmpty { families = families.restricted(to: Set(names)) }
        return (format.contentType, format.render(families))
    }

    /// As a reading that began after this call has found them.
    private func families(details: Bool) -> [MetricFamily]? {
        let wanted: Int? = lock.withLock {
            guard waiting < limit else { return nil }
            waiting += 1
            if details { readsDetails = true }
            return begun + 1
        }
        guard let wanted else { return nil }
        while true {
            var details = false
            let found: [MetricFamily]?? = lock.withLock {
                while isReading, done < wanted { ended.wait(lock) }
                if done >= wanted {
                    waiting -= 1
                    defer { if waiting == 0 { latest = [] } }
                    return .some(latest)
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
