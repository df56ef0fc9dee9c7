import TalonPlatform

/// What a store keeps under its lock: a shelf of cells per kind of file, and what it has complained about.
struct StoreState {
    private let files: StoreFileOpener
    /// The process whose files are open: a fork inherits the mappings, but must not add keys to them.
    private var process = ProcessIdentity.current
    private var shelves: [String: CellShelf] = [:]
    /// The file of records: none yet, or one that could not be opened or can grow no more, or one.
    private var records: StoreFile??
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

    /// The words of a record that goes with `key`, or nil where it cannot be kept: what is in records is worth having,
    /// and no process is worse off without.
    mutating func words(for layout: RecordLayout, of key: MetricKey, prefix: String) -> MappedWords? {
        startAnewAfterFork()
        guard MetricNames.isMetric(key.metric), key.labels.allSatisfy({ MetricNames.isLabel($0.name) }) else {
            return nil
        }
        let file: StoreFile
        if let known = records {
            guard let known else { return nil }
            file = known
        } else {
            let opened = open(prefix, kind: .records)
            records = .some(opened)
            guard let opened else { return nil }
            file = opened
        }
        let text = MetricKey(metric: key.metric, sample: layout.text, labels: key.labels, help: key.help).text
        do {
            let (words, isNew) = try file.record(text, count: layout.wordCount)
            if !isNew, case .exemplars = layout { ExemplarCells.repair(words) }
            return words
        } catch {
            note(error)
            return nil
        }
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

    private mutating func open(_ prefix: String, kind: StoreFileKind = .entries) -> StoreFile? {
        var replaced: MetricError?
        defer { if let replaced { note(replaced, replaced: true) } }
        do {
            return try files.open(prefix: prefix, kind: kind) { replaced = $0 }
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
