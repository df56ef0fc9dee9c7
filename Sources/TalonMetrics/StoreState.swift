/// What a store keeps under its lock: a shelf of cells per kind of file, and what it has complained about.
struct StoreState {
    private let files: StoreFileOpener
    /// The process whose files are open: a fork inherits the mappings, but must not add keys to them.
    private var process = ProcessIdentity.current
    private var shelves: [String: CellShelf] = [:]
    private var histograms: [String: Histogram] = [:]
    private var reported: Set<Report> = []
    private var messages: [String] = []

    private struct Report: Hashable {
        let code: MetricError.Code
        let errno: Int32?
        let replaced: Bool
    }

    init(files: StoreFileOpener) {
        self.files = files
    }

    /// The cells of `key` in the file whose name starts with `prefix`; always gives some.
    mutating func cells(for key: MetricKey, prefix: String) -> CellPair {
        startAnewAfterFork()
        // A name that Prometheus refuses would cost the whole scrape; it counts where nobody looks.
        let isValid = MetricNames.isMetric(key.metric) && key.labels.allSatisfy { MetricNames.isLabel($0.name) }
        let shelf = isValid ? prefix : ""
        if !isValid { note(MetricError(.name, key.text)) }
        if shelves[shelf] == nil { shelves[shelf] = CellShelf(file: isValid ? open(prefix) : nil) }
        var failure: MetricError?
        let pair = shelves[shelf, default: CellShelf(file: nil)].cells(for: key.text) { failure = $0 }
        if let failure { note(failure) }
        return pair
    }

    /// The keys in the file whose name starts with `prefix`; none if nothing in it was asked for yet.
    mutating func keys(prefix: String) -> [String] {
        startAnewAfterFork()
        return shelves[prefix]?.keys ?? []
    }

    /// A histogram that was made before.
    mutating func histogram(_ identity: String) -> Histogram? {
        startAnewAfterFork()
        return histograms[identity]
    }

    /// Keeps a histogram, for its block of buckets is never freed and so must not be made again and again.
    mutating func remember(_ histogram: Histogram, as identity: String) {
        histograms[identity] = histogram
    }

    /// What there is to report since the last time.
    mutating func takeMessages() -> [String] {
        defer { messages = [] }
        return messages
    }

    /// In a forked child: what it has from its parent stays valid, but new keys go to files of its own, because the
    /// parent's are locked and the parent does not know of keys that others add.
    private mutating func startAnewAfterFork() {
        guard process != ProcessIdentity.current else { return }
        self = StoreState(files: files)
    }

    private mutating func open(_ prefix: String) -> StoreFile? {
        var replaced: MetricError?
        defer { if let replaced { note(replaced, replaced: true) } }
        do {
            return try files.open(prefix: prefix) { replaced = $0 }
        } catch {
            note(error)
            return nil
        }
    }

    private mutating func note(_ error: MetricError, replaced: Bool = false) {
        let report = Report(code: error.code, errno: error.errno, replaced: replaced)
        guard reported.insert(report).inserted else { return }
        messages.append(StoreMessage.text(error, replaced: replaced))
    }
}
