/// The reading side of the metrics: all files of a directory, joined to families.
///
/// Files may be written, made, cut and deleted meanwhile, by Talon or by Python. Keys are parsed once: a file's next
/// image is compared with the last one, and where its keys are the same bytes, only the numbers are read. So a file
/// that was replaced, or whose inode was used again, cannot be mistaken for its predecessor.
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

    /// What is kept of a file between scrapes.
    private struct KnownFile {
        var image: FileImage
        var entries: [KnownEntry] = []
        /// How many entries are not shown, and what is wrong with the first.
        var rejected = 0
        var firstRejection = ""
    }

    private struct KnownEntry {
        let format: EntryFormat
        /// Nil if it is not shown.
        let series: SeriesTable.Identifier?
    }

    /// The directory that is read.
    package let directory: String
    private var files: [String: KnownFile] = [:]
    private var table = SeriesTable()
    private var records = RecordReader()

    /// Reads nothing yet.
    package init(directory: String) {
        self.directory = directory
    }

    /// Reads all `*.db` now, and with `details` the exemplars and native histograms beside them.
    ///
    /// Never fails: what cannot be read is skipped and told, the rest is served.
    package mutating func read(details: Bool = true) -> Reading {
        forgetTheGone()
        let names: [String]
        do {
            names = try DirectoryListing.names(in: directory, endingIn: ".db")
        } catch {
            files = [:]
            return Reading(families: [], problems: [Problem(path: directory, error: error)])
        }
        var problems: [Problem] = []
        var seen: [String: KnownFile] = [:]
        table.begin()
        for name in names {
            do {
                guard let file = try read(name) else { continue }
                for entry in file.entries {
                    guard let series = entry.series else { continue }
                    table.add(
                        file.image.double(at: entry.format.value),
                        timestamp: file.image.double(at: entry.format.timestamp), to: series)
                }
                if file.rejected > 0 {
                    let context = "\(file.rejected) entries left out; the first: \(file.firstRejection)"
                    problems.append(Problem(path: path(of: name), error: MetricError(.format, context)))
                }
                seen[name] = file
            } catch {
                problems.append(Problem(path: path(of: name), error: error))
            }
        }
        files = seen
        var families = table.familiesNow()
        if details { problems += records.attach(to: &families, from: directory) }
        return Reading(families: families, problems: problems)
    }

    private func path(of name: String) -> String {
        directory + "/" + name
    }

    /// Series of files that are gone stay in the table; when they are the most of it, everything is learned anew.
    private mutating func forgetTheGone() {
        guard table.count > 1000, table.presentCount < table.count / 2 else { return }
        table = SeriesTable()
        files = [:]
    }

    /// The file's image and where its series are.
    ///
    /// Nil if it has been deleted meanwhile.
    private mutating func read(_ name: String) throws(MetricError) -> KnownFile? {
        guard let fileName = MetricFileName(name) else {
            throw MetricError(.name, "no metric type or gauge mode is named so")
        }
        let image: FileImage
        do {
            image = try FileImage(path: path(of: name))
        } catch {
            if error.code == .access, error.isMissingFile { return nil }
            throw error
        }
        var file = files.removeValue(forKey: name) ?? KnownFile(image: image)
        let known = file.entries.prefix { entry in
            file.image.matches(image, in: entry.format.start..<entry.format.value)
                && entry.format.end <= image.bytes.count
        }
        if known.count < file.entries.count { file = KnownFile(image: image) }
        file.image = image
        var position = file.entries.last?.format.end ?? EntryFormat.headerSize
        while let format = try EntryFormat.entry(at: position, in: image) {
            learn(format, in: fileName, file: &file)
            position = format.end
        }
        return file
    }

    private mutating func learn(_ format: EntryFormat, in name: MetricFileName, file: inout KnownFile) {
        var series: SeriesTable.Identifier?
        var rejection: String?
        if let key = KeyParser.parse(file.image.bytes[format.key]) {
            do {
                series = try table.identifier(of: key, in: name)
            } catch {
                if case .invalid(let reason) = error { rejection = reason }
            }
        } else {
            rejection = "the key at \(format.start) is not one"
        }
        file.entries.append(KnownEntry(format: format, series: series))
        guard let rejection else { return }
        if file.rejected == 0 { file.firstRejection = rejection }
        file.rejected += 1
    }
}
