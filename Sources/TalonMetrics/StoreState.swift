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
    private var drops = SeriesDrops()
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
        if !isValid { note(MetricError(.name, key.text)) }
        let shelf = isValid ? prefix : ""
        var failure: MetricError?
        var drop: MetricError.Code?
        prepareShelf(shelf)
        let pair = shelves[shelf, default: CellShelf(refusal: .name)].cells(
            for: key.text, failed: { failure = $0 }, dropped: { drop = $0 })
        if let failure { note(failure) }
        if let drop { drops.count(drop, in: counterFile()) }
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
            let opened = try? open(prefix, kind: .records).get()
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

    private mutating func prepareShelf(_ prefix: String) {
        guard !prefix.isEmpty, shelves[prefix] == nil else { return }
        switch open(prefix) {
        case .success(let file):
            shelves[prefix] = CellShelf(file: file, reserve: prefix == "counter" ? SeriesDrops.reserve : 0)
        case .failure(let error):
            shelves[prefix] = CellShelf(refusal: error.code)
        }
    }

    private mutating func counterFile() -> StoreFile? {
        prepareShelf("counter")
        return shelves["counter"]?.file
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

    private mutating func open(
        _ prefix: String, kind: StoreFileKind = .entries
    ) -> Result<StoreFile, MetricError> {
        var replaced: MetricError?
        defer { if let replaced { note(replaced, replaced: true) } }
        do {
            return .success(try files.open(prefix: prefix, kind: kind) { replaced = $0 })
        } catch {
            note(error)
            return .failure(error)
        }
    }

    private mutating func note(_ error: MetricError, replaced: Bool = false) {
        let report = Report(code: error.code, errno: error.errno, replaced: replaced)
        guard reported.insert(report).inserted else { return }
        messages.append(StoreMessage.text(error, replaced: replaced))
    }
}
