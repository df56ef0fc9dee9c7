/// The reading side of the metrics: all files of a directory, joined to families.
///
/// Files may be written, made, cut and deleted meanwhile, by Talon or by Python. Keys are parsed once, see
/// ``KnownFile``.
///
/// For one thread at a time. Holds no file open between scrapes.
package struct MetricDirectoryReader {
    /// A file, or part of one, that could not be shown.
    package struct Problem: Sendable, Equatable {
        /// The file, or the directory.
        package let path: String
        package let error: MetricError
    }

    /// What a scrape found.
    package struct Reading: Sendable {
        /// Sorted by name.
        package var families: [MetricFamily]
        /// What is missing from them; at most one problem a file.
        package var problems: [Problem]
    }

    /// The directory that is read.
    package let directory: String
    /// How many keys were parsed in all scrapes: none in a scrape that finds no new ones.
    package private(set) var parsedKeys = 0
    private var files: [String: KnownFile] = [:]
    private var table = SeriesTable()
    private var records = RecordReader()
    /// Of the file that is being read: one after the other in the same memory.
    private var image = FileImage(bytes: [])
    /// Whether a file that was there in the scrape before has gone.
    private var hasLostFiles = false

    /// Reads nothing yet.
    package init(directory: String) {
        self.directory = directory
    }

    /// How many series are kept, shown or not.
    var knownSeries: Int { table.count }

    /// Reads all `*.db` now, and with `details` the exemplars and native histograms beside them.
    ///
    /// Never fails: what cannot be read is skipped and told, the rest is served.
    package mutating func read(details: Bool = true) -> Reading {
        let lock = FolderLock.shared(directory)
        defer { lock?.release() }
        do {
            let listing = try FolderListing(directory)
            var reading = read(listing.names, listing.entry) { [directory] name, image throws(MetricError) in
                try image.load("\(directory)/\(name)")
            }
            if details { reading.problems += records.attach(to: &reading.families, from: directory, listing.names) }
            return reading
        } catch {
            files = [:]
            return Reading(families: [], problems: [Problem(path: directory, error: error)])
        }
    }

    /// Reads as if these were all files that the directory has.
    package mutating func read(contents: [(name: String, bytes: [UInt8])]) -> Reading {
        let all = Dictionary(contents) { $1 }
        let listing = FolderListing(names: all.keys.sorted())
        return read(listing.names, listing.entry) { name, image throws(MetricError) in
            image = try FileImage(content: all[name] ?? [])
        }
    }

    private mutating func read(
        _ names: [String], _ entry: (String) -> FolderListing.Entry?,
        _ load: (String, inout FileImage) throws(MetricError) -> Void
    ) -> Reading {
        forgetTheGone()
        var problems: [Problem] = []
        var isOneGone = false
        var seen: [String: KnownFile] = [:]
        seen.reserveCapacity(names.count)
        table.begin()
        for name in names {
            guard let entry = entry(name) else { continue }
            do {
                var file = try known(entry)
                try load(name, &image)
                parsedKeys += try file.update(image, in: &table)
                if let error = file.add(image, to: &table) { problems.append(problem(name, error)) }
                seen[entry.identity] = file
            } catch {
                if error.code == .access, error.isMissingFile {
                    isOneGone = true  // deleted meanwhile
                } else {
                    problems.append(problem(name, error))
                }
            }
        }
        // Those that were seen have been taken out.
        hasLostFiles = isOneGone || !files.isEmpty
        files = seen
        return Reading(families: table.familiesNow(), problems: problems)
    }

    private func problem(_ name: String, _ error: MetricError) -> Problem {
        Problem(path: "\(directory)/\(name)", error: error)
    }

    private mutating func known(_ entry: FolderListing.Entry) throws(MetricError) -> KnownFile {
        if let known = files.removeValue(forKey: entry.identity) { return known }
        guard let name = MetricFileName(entry.meaning) else {
            throw MetricError(.name, "no metric type or gauge mode is named so")
        }
        return KnownFile(name: name)
    }

    /// Series of files that are gone stay in the table; when they are the most of it, or may be what a new file is in
    /// conflict with, everything is learned anew.
    private mutating func forgetTheGone() {
        let isMostlyGone = table.count > 1000 && table.presentCount * 2 <= table.count
        guard isMostlyGone || table.hasConflict && hasLostFiles else { return }
        table = SeriesTable()
        files = [:]
    }
}
