/// The names that retirement gives to files, and which of them count.
///
/// `counter_9.db.retiring-5.0` was `counter_9.db`, and its values move to archive 5; `counter_retired-5.db` is of that
/// archive. The number in the file `.retired` says which archive counts: what retires into a later one has not moved
/// yet, and is read as before; what has retired into it or one before is in it already. So one rename, that of
/// `.retired`, moves the values of any number of files at once, and whoever is killed at whatever moment leaves a
/// folder with the same totals.
enum RetiredName {
    static let committed = ".retired"
    static let archiveIdentifier = "retired-"
    private static let mark = ".retiring-"

    /// What becomes of `name` when it retires; `copy` tells apart files that had the same name.
    static func retiring(_ name: String, into archive: Int, copy: Int) -> String {
        "\(name)\(mark)\(archive).\(copy)"
    }

    static func archive(_ prefix: String, _ number: Int) -> String {
        "\(prefix)_\(archiveIdentifier)\(number).db"
    }

    /// What is written before it has its name.
    static func draft(_ prefix: String) -> String { "\(committed)-\(prefix).new" }

    /// The name before, and the archive that it retires into; nil of any other name.
    static func parseRetiring(_ name: String) -> (original: String, archive: Int)? {
        guard let dot = name.lastIndex(of: "."), Int(name[name.index(after: dot)...]) != nil,
            let start = name[..<dot].lastIndex(of: "."), name[start...].hasPrefix(mark),
            let archive = Int(name[start..<dot].dropFirst(mark.count))
        else { return nil }
        return (String(name[..<start]), archive)
    }

    /// The type, for gauges with the mode, and the number of an archive's file; nil of any other name.
    static func parseArchive(_ name: String) -> (prefix: String, number: Int)? {
        guard name.hasSuffix(".db"), let start = name.lastIndex(of: "_") else { return nil }
        let identifier = name[name.index(after: start)...].dropLast(3)
        guard identifier.hasPrefix(archiveIdentifier), let number = Int(identifier.dropFirst(archiveIdentifier.count))
        else { return nil }
        return (String(name[..<start]), number)
    }
}
