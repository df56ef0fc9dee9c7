/// What is kept of a metric file between scrapes: which keys it had, and which series they are.
///
/// Its next image is compared with the one that the keys were read from, and where they are the same bytes, only the
/// numbers are read. So a file that was replaced, or whose inode was used again, cannot be mistaken for its predecessor.
/// A file that is of the same version need not be compared.
struct KnownFile {
    private let name: MetricFileName
    /// That the keys were read from; its numbers are old.
    private var image: FileImage
    /// When they were compared last.
    private var version: FileVersion?
    private var entries: [EntryFormat] = []
    /// Of each entry; -1 if it is not shown.
    private var series: [SeriesTable.Identifier] = []
    /// How many entries are not shown, and what is wrong with the first.
    private var rejected = 0
    private var firstRejection = ""

    init(name: MetricFileName) {
        self.name = name
        image = FileImage(bytes: [])
    }

    /// Reads the keys of the file's present image that are new; returns how many.
    ///
    /// Code `.format` if the entries are not of the format.
    mutating func update(_ present: FileImage, in table: inout SeriesTable) throws(MetricError) -> Int {
        if !isKnown(present) { self = KnownFile(name: name) }
        version = present.version
        let known = entries.count
        var position = entries.last?.end ?? EntryFormat.headerSize
        guard position < present.bytes.count else { return 0 }
        image = present
        while let entry = try EntryFormat.entry(at: position, in: image) {
            learn(entry, in: &table)
            position = entry.end
        }
        return entries.count - known
    }

    private func isKnown(_ present: FileImage) -> Bool {
        if let version, version == present.version, entries.last?.end ?? 0 <= present.bytes.count { return true }
        return present.keysShared(with: image, of: entries) == entries.count
    }

    private mutating func learn(_ entry: EntryFormat, in table: inout SeriesTable) {
        var identifier = -1
        var rejection: String?
        if let key = KeyParser.parse(image.bytes[entry.key]) {
            do {
                identifier = try table.identifier(of: key, in: name)
            } catch {
                if case .invalid(let reason) = error { rejection = reason }
            }
        } else {
            rejection = "the key at \(entry.start) is not one"
        }
        entries.append(entry)
        series.append(identifier)
        guard let rejection else { return }
        if rejected == 0 { firstRejection = rejection }
        rejected += 1
    }

    /// Adds the values of the image that it was updated with to the table. Says what could not be shown.
    func add(_ present: FileImage, to table: inout SeriesTable) -> MetricError? {
        let impossible = table.add(present, entries, series)
        var contexts: [String] = []
        if rejected > 0 { contexts.append("\(rejected) entries left out; the first: \(firstRejection)") }
        if impossible > 0 { contexts.append("\(impossible) counts left out: negative, or not a number") }
        return contexts.isEmpty ? nil : MetricError(.format, contexts.joined(separator: "; "))
    }
}
