import TalonPlatform

/// What is in a metric folder, and which of it counts.
struct FolderListing {
    /// Sorted.
    let names: [String]
    /// The archive that counts; 0 if there is none.
    let archive: Int

    /// A folder with these files and no archive.
    init(names: [String]) {
        self.names = names
        archive = 0
    }

    /// Code `.access` if the directory cannot be read.
    init(_ directory: String) throws(MetricError) {
        do {
            names = try FileAccess.names(in: directory)
        } catch {
            throw MetricError(.access, errno: error.errno, "open directory")
        }
        archive = names.contains(RetiredName.committed) ? Self.archive(in: directory, names) : 0
    }

    private static func archive(in directory: String, _ names: [String]) -> Int {
        let bytes = (try? FileDescriptor.contents(of: "\(directory)/\(RetiredName.committed)", limit: 64)) ?? []
        if let number = Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) {
            return number
        }
        // Not Talon's writing: the latest is the one that most likely counts.
        return names.compactMap { RetiredName.parseArchive($0)?.number }.max() ?? 0
    }

    /// A metric file that counts.
    struct Entry {
        /// The name that says what is in it.
        let meaning: String
        /// By which it is known again in the next scrape. The same for every archive: most keys of one are in the next.
        let identity: String
    }

    /// Nil if the file is not to be read.
    func entry(_ name: String) -> Entry? {
        guard !name.hasPrefix(".") else { return nil }
        if let file = RetiredName.parseArchive(name) {
            let meaning = "\(file.prefix)_retired.db"
            return file.number == archive ? Entry(meaning: meaning, identity: meaning) : nil
        }
        if name.hasSuffix(".db") { return Entry(meaning: name, identity: name) }
        guard let file = RetiredName.parseRetiring(name), file.original.hasSuffix(".db"), file.archive > archive
        else { return nil }
        return Entry(meaning: file.original, identity: name)
    }
}
