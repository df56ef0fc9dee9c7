import Glibc
import TalonPlatform

/// The archive that is being made: the values of the present one, and those of the files that retire.
///
/// In this order: ``add(_:_:)``, ``draft()``, ``publish()``, ``commit()``, ``removePredecessor()``.
struct NextArchive {
    let number: Int
    private let directory: String
    /// The files of the present archive, by kind.
    private let predecessor: [String: String]
    /// By kind of file; only those that change.
    private var values: [String: ArchiveValues] = [:]

    init(directory: String, listing: FolderListing) throws(MetricError) {
        self.directory = directory
        number = listing.archive + 1
        var predecessor: [String: String] = [:]
        for name in listing.names {
            if let file = RetiredName.parseArchive(name), file.number == listing.archive {
                predecessor[file.prefix] = name
            }
        }
        self.predecessor = predecessor
    }

    /// Takes in a file that retires.
    ///
    /// Throws if it cannot be read, and then takes nothing.
    mutating func add(_ name: String, _ fileName: MetricFileName) throws(MetricError) {
        guard FileAccess.status(of: path(name), followingLinks: false)?.size != 0 else { return }
        let image = try FileImage(path: path(name))
        if values[fileName.prefix] == nil { values[fileName.prefix] = try present(fileName) }
        try values[fileName.prefix]?.add(image)
    }

    /// The values that the present archive has of such files; nil if such values are not kept.
    private func present(_ fileName: MetricFileName) throws(MetricError) -> ArchiveValues? {
        guard var values = ArchiveValues(fileName) else { return nil }
        if let name = predecessor[fileName.prefix] { try values.add(FileImage(path: path(name))) }
        return values
    }

    /// Writes it where nobody looks.
    func draft() throws(MetricError) {
        for (prefix, values) in values {
            let bytes = try values.encoded()
            try failing(prefix) { () throws(SystemError) in
                try FileAccess.create(path(RetiredName.draft(prefix)), bytes)
            }
        }
    }

    /// Gives its files their names, which do not count yet.
    func publish() throws(MetricError) {
        for prefix in values.keys {
            try failing(prefix) { () throws(SystemError) in
                try FileAccess.rename(path(RetiredName.draft(prefix)), to: path(RetiredName.archive(prefix, number)))
            }
        }
        for (prefix, name) in predecessor where values[prefix] == nil {
            guard link(path(name), path(RetiredName.archive(prefix, number))) == 0 else {
                throw MetricError(.access, errno: lastErrno, "link \(path(name))")
            }
        }
    }

    /// From here on it counts.
    func commit() throws(MetricError) {
        try failing(RetiredName.committed) { () throws(SystemError) in
            try FileAccess.replace(path(RetiredName.committed), with: Array("\(number)\n".utf8))
        }
    }

    func removePredecessor() {
        for name in predecessor.values { FileAccess.remove(path(name)) }
    }

    private func failing(_ what: String, _ body: () throws(SystemError) -> Void) throws(MetricError) {
        do {
            try body()
        } catch {
            let isFull = error.errno == ENOSPC || error.errno == EDQUOT || error.errno == EFBIG
            throw MetricError(
                isFull ? .space : .access, errno: error.errno, "write the archive \(what) in \(directory)")
        }
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }
}
