import Synchronization
import TalonPlatform

/// The writing side of the metrics: makes instruments whose values lie in the files of one process (or slot).
///
/// The files are prometheus_client's: `counter_<identifier>.db`, `histogram_<identifier>.db`,
/// `gauge_<mode>_<identifier>.db`. Each is made when its first instrument is. A file that is there already is taken
/// over and its values go on; one that is held by another process is left to it, and `<identifier>-<pid>` is used.
///
/// Instruments can always be made and updated. When a file cannot be written they count in private memory, which
/// `onError` is told once. Asking twice for the same series gives the same cells.
///
/// Making instruments takes a lock, so do it ahead of the request path; updating them takes none. Any thread may call
/// anything here. A store lasts as long as its process: its mappings are never undone.
package final class MetricStore: Sendable {
    private let onError: @Sendable (String) -> Void
    private let state: Mutex<StoreState>

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - directory: `PROMETHEUS_MULTIPROC_DIR`; must exist.
    ///   - identifier: becomes part of the file names and the `pid` label of gauges in the mode `all`. Characters
    ///     other than ASCII letters, digits, `.` and `-` become `-`: readers split the name at `_`. No two writers
    ///     that do not lock (prometheus_client does not) may share one.
    ///   - onError: told in one sentence what is wrong with the files, on the thread that made the instrument; each
    ///     kind of trouble once.
    package convenience init(directory: String, identifier: String, onError: @escaping @Sendable (String) -> Void) {
        self.init(directory: directory, identifier: identifier, fileLimit: StoreFile.limit, onError: onError)
    }

    /// `fileLimit`: how large a file may become, in bytes.
    init(directory: String, identifier: String, fileLimit: Int, onError: @escaping @Sendable (String) -> Void) {
        let safe = identifier.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "-" }
        let files = StoreFileOpener(directory: directory, identifier: String(safe), limit: fileLimit)
        self.state = Mutex(StoreState(files: files))
        self.onError = onError
    }

    /// A counter.
    ///
    /// The exposed name ends in `_total`, whether or not `name` does.
    package func counter(name: String, help: String, labels: [String: String] = [:]) -> Counter {
        let metric = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        let key = MetricKey(metric: metric, sample: metric + "_total", labels: labels.sortedLabels, help: help)
        return Counter(cell: cells(for: [key], prefix: "counter")[0].value)
    }

    /// A gauge.
    ///
    /// `mode` says how the values of several processes are joined.
    package func gauge(name: String, help: String, labels: [String: String] = [:], mode: GaugeMode = .all) -> Gauge {
        let key = MetricKey(metric: name, sample: name, labels: labels.sortedLabels, help: help)
        let pair = cells(for: [key], prefix: "gauge_" + mode.rawValue)[0]
        return Gauge(cell: pair.value, timestamp: mode.aggregation == .mostRecent ? pair.timestamp : nil)
    }

    /// A histogram.
    ///
    /// `buckets` are upper bounds; order, repetitions and a missing `+Inf` do not matter. With `exemplars` it keeps the
    /// latest trace of each bucket (``Histogram/observe(_:exemplar:)``), with `native` it also counts in the finer
    /// buckets of a native histogram; both are in `histogram_<identifier>.records` and shown by the formats that have
    /// them. A Prometheus that takes native histograms leaves the classic buckets of such a family out, unless it is
    /// told to keep them, so no family that dashboards already query should become one.
    package func histogram(
        name: String, help: String, labels: [String: String] = [:], buckets: [Double], exemplars: Bool = false,
        native: NativeLayout? = nil
    ) -> Histogram {
        let bounds = Set(buckets.filter { $0 < .infinity }).sorted() + [.infinity]
        let sum = MetricKey(metric: name, sample: name + "_sum", labels: labels.sortedLabels, help: help)
        let identity = "\(sum.text)\(bounds)\(exemplars)\(native.map { "\($0.lowest) \($0.highest)" } ?? "")"
        if let made = state.withLock({ $0.histogram(identity) }) { return made }
        let keys = bounds.map { bound in
            var labels = labels
            labels["le"] = FloatFormat.bound(bound)
            return MetricKey(metric: name, sample: name + "_bucket", labels: labels.sortedLabels, help: help)
        }
        let pairs = cells(for: [sum] + keys, prefix: "histogram")
        let block = BucketCells(bounds: bounds, cells: pairs.dropFirst().map(\.value))
        let histogram = Histogram(
            sum: pairs[0].value, buckets: block,
            native: native.flatMap { layout in
                words(for: .native(layout), of: sum).map { NativeCells(words: $0, layout: layout) }
            },
            exemplars: exemplars ? words(for: .exemplars(bounds: bounds), of: sum).map(ExemplarCells.init) : nil)
        state.withLock { $0.remember(histogram, as: identity) }
        return histogram
    }

    /// The labels of each series of a counter that is in the file, those of a predecessor included.
    ///
    /// For whoever bounds their number. Empty before the first counter was made.
    package func labels(ofCounter name: String) -> [[String: String]] {
        let metric = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        return state.withLock { $0.keys(prefix: "counter") }.compactMap { text in
            guard let key = KeyParser.parse(Array(text.utf8)[...]), key.metric == metric else { return nil }
            return Dictionary(key.labels.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    private func words(for layout: RecordLayout, of key: MetricKey) -> MappedWords? {
        let (words, messages) = state.withLock { state in
            (state.words(for: layout, of: key, prefix: "histogram"), state.takeMessages())
        }
        messages.forEach(onError)
        return words
    }

    private func cells(for keys: [MetricKey], prefix: String) -> [CellPair] {
        let (pairs, messages) = state.withLock { state in
            let pairs = keys.map { state.cells(for: $0, prefix: prefix) }
            return (pairs, state.takeMessages())
        }
        // Outside the lock: the closure may well count something itself.
        messages.forEach(onError)
        return pairs
    }
}

extension [String: String] {
    fileprivate var sortedLabels: [Label] {
        map { Label($0.key, $0.value) }.sorted()
    }
}
