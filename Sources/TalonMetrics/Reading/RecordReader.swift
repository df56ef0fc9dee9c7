/// Reads the `.records` files of a directory: exemplars and native histograms, of all slots.
///
/// Keys are parsed once and remembered by their bytes. For one thread at a time.
struct RecordReader {
    typealias Problem = MetricDirectoryReader.Problem

    private struct Meaning {
        let key: MetricKey
        let layout: RecordLayout
    }

    /// Nil for keys that mean nothing.
    private var meanings: [[UInt8]: Meaning?] = [:]

    /// Beyond, keys are learned anew: files of hostile or forgotten writers must not fill the memory.
    private static let keyLimit = 10_000

    /// Gives the families what the files among `names` hold for them, and says what was wrong with which file.
    ///
    /// What cannot be read is skipped; at most one problem a file.
    mutating func attach(
        to families: inout [MetricFamily], from directory: String, _ names: [String]
    ) -> [Problem] {
        let suffix = StoreFileKind.records.suffix
        let names = names.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
        guard !names.isEmpty else { return [] }
        if meanings.count > Self.keyLimit { meanings = [:] }
        var details = HistogramDetails()
        var problems: [Problem] = []
        for name in names {
            let path = directory + "/" + name
            do {
                guard let reason = try read(path, into: &details) else { continue }
                problems.append(Problem(path: path, error: MetricError(.format, reason)))
            } catch {
                if error.code == .access, error.isMissingFile { continue }
                problems.append(Problem(path: path, error: error))
            }
        }
        details.attach(to: &families)
        return problems
    }

    /// Takes in one file; gives back what is wrong with records that were left out.
    private mutating func read(_ path: String, into details: inout HistogramDetails) throws(MetricError) -> String? {
        let image = try FileImage(path: path)
        var rejected = 0
        var first = ""
        var position = EntryFormat.headerSize
        while let record = try RecordFormat.record(at: position, in: image) {
            if !add(record, of: image, to: &details) {
                if rejected == 0 { first = "the record at \(position) is not one" }
                rejected += 1
            }
            position = record.end
        }
        return rejected == 0 ? nil : "\(rejected) records left out; the first: \(first)"
    }

    /// False if the record is not one that this version knows.
    private mutating func add(
        _ record: RecordFormat, of image: FileImage, to details: inout HistogramDetails
    ) -> Bool {
        guard let meaning = meaning(of: Array(image.bytes[record.entry.key])),
            record.count == meaning.layout.wordCount
        else { return false }
        let (family, labels) = (meaning.key.metric, meaning.key.labels)
        switch meaning.layout {
        case .native(let layout):
            guard let histogram = layout.histogram({ image.word(at: record.words + 8 * $0) }) else { return false }
            details.add(histogram, family: family, labels: labels)
        case .exemplars(let bounds):
            for (bucket, bound) in bounds.enumerated() {
                let start = record.words + 8 * ExemplarCells.wordCount * bucket
                guard let exemplar = ExemplarCells.exemplar({ image.word(at: start + 8 * $0) }) else { continue }
                details.add(exemplar, bound: bound, family: family, labels: labels)
            }
        }
        return true
    }

    private mutating func meaning(of bytes: [UInt8]) -> Meaning? {
        if let known = meanings[bytes] { return known }
        let meaning = KeyParser.parse(bytes[...]).flatMap { key in
            RecordLayout(key.sample).map { Meaning(key: key, layout: $0) }
        }
        meanings[bytes] = .some(meaning)
        return meaning
    }
}
