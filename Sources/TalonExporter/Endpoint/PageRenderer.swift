import TalonMetrics
import TalonPlatform

/// Makes the page for a scrape. Any thread.
final class PageRenderer: @unchecked Sendable {
    // Unchecked: the page is under the lock.
    private let lock = Lock()
    private var page: MetricsPage

    init(_ page: MetricsPage) {
        self.page = page
    }

    /// What is to be done now and then. `now`: CLOCK_MONOTONIC.
    func maintain(now: UInt64) {
        lock.withLock { page.maintain(now: now) }
    }

    /// In the format that the client accepts; `names`: what it asked for by `name[]`, nothing for all.
    ///
    /// Only the reading is one scrape's at a time: it knows what the one before has parsed.
    func render(accept: String?, names: [String]) -> (type: String, body: [UInt8]) {
        let format = ExpositionFormat.negotiate(accept: accept)
        var families = lock.withLock { page.families(details: format.showsDetails) }
        if !names.isEmpty { families = families.restricted(to: Set(names)) }
        return (format.contentType, format.render(families))
    }
}
