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
    /// Pages that are made at a time: more would take memory, and no less time.
    private let slots = Slots(4)
    private var page: MetricsPage
    private var isReading = false
    /// Readings, counted.
    private var begun = 0
    private var done = 0
    /// Scrapes for which a page is made or waited for, and those of them that wait for a reading.
    private var scrapes = 0
    private var waiting = 0
    private var latest: [MetricFamily] = []

    /// `limit`: scrapes at a time.
    init(_ page: MetricsPage, limit: Int) {
        self.page = page
        self.limit = limit
    }

    /// A page, and how it is compressed.
    struct Page {
        let type: String
        let body: [UInt8]
        let coding: ContentCoding
    }

    /// In the format that the client accepts, compressed as it likes best if that is worth it; `names`: what it asked for
    /// by `name[]`, nothing for all. nil if there are too many.
    func render(accept: String?, names: [String], coding: ContentCoding) -> Page? {
        let isAdmitted = lock.withLock {
            guard scrapes < limit else { return false }
            scrapes += 1
            return true
        }
        guard isAdmitted else { return nil }
        defer { lock.withLock { scrapes -= 1 } }
        let all = families()
        return slots.withOne {
            let text = TextExposition.render(NameFilter.select(names, from: all))
            let made = coding.compress(text)
            return Page(type: TextExposition.contentType, body: made.bytes, coding: made.coding)
        }
    }

    /// As a reading that began after this call has found them.
    private func families() -> [MetricFamily] {
        let wanted = lock.withLock {
            waiting += 1
            return begun + 1
        }
        while true {
            let found: [MetricFamily]? = lock.withLock {
                while isReading, done < wanted { ended.wait(lock) }
                if done >= wanted {
                    waiting -= 1
                    defer { if waiting == 0 { latest = [] } }
                    return latest
                }
                isReading = true
                begun += 1
                return nil
            }
            if let found { return found }
            let families = page.families()
            lock.withLock {
                latest = families
                done = begun
                isReading = false
                ended.broadcast()
            }
        }
    }
}
