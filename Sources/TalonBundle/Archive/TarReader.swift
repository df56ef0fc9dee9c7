import TalonHooks
import TalonPlatform

/// Goes through a tar archive and finds its files; refuses all that could surprise.
struct TarReader {
    private let bytes: [UInt8]
    private let archive: String
    private(set) var top: String?
    /// By path below the top folder.
    private(set) var files: [String: Range<Int>] = [:]
    /// Those that were listed, and those that files are in.
    private(set) var folders: Set<String> = []
    private var listed: Set<String> = []

    /// The longest record that tar(1) fills up with zeros.
    private static let recordLimit = 1 << 20

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        archive = path
    }

    mutating func read() throws(PluginError) {
        var place = 0
        var count = 0
        while true {
            guard place + TarHeader.size <= bytes.count else { throw refused("ends too early; it is cut") }
            let block = bytes[place..<(place + TarHeader.size)]
            if block.allSatisfy({ $0 == 0 }) { break }
            count += 1
            guard count <= Archive.entryLimit else {
                throw refused("has more than \(Archive.entryLimit) entries")
            }
            place += TarHeader.size
            place = try readEntry(block, count, contentAt: place)
        }
        // Two blocks of zeros end it; what follows can only fill the last record.
        guard place + 2 * TarHeader.size <= bytes.count else { throw refused("ends too early; it is cut") }
        guard bytes.count % TarHeader.size == 0, bytes.count - place <= TarReader.recordLimit,
            bytes[place...].allSatisfy({ $0 == 0 })
        else {
            throw refused("has something behind its end; pack it again")
        }
    }

    /// Returns where the next header is.
    private mutating func readEntry(
        _ block: ArraySlice<UInt8>, _ number: Int, contentAt start: Int
    ) throws(PluginError) -> Int {
        let header: TarHeader
        do {
            header = try TarHeader(block)
        } catch {
            throw refused("entry \(number) \(error.reason)")
        }
        let path = try path(of: header)
        guard let path else {
            guard header.size == 0 else { throw refused(header.path, "is a folder with content") }
            return start
        }
        if header.isFolder {
            guard header.size == 0 else { throw refused(path, "is a folder with content") }
            try add(folder: path)
            return start
        }
        guard header.size <= PluginFile.sizeLimit else {
            throw refused(path, "is \(header.size) bytes long; \(PluginFile.sizeLimit) are allowed")
        }
        let padded = (header.size + TarHeader.size - 1) / TarHeader.size * TarHeader.size
        guard padded <= bytes.count - start else { throw refused("ends too early; it is cut") }
        try add(file: path, start..<(start + header.size))
        return start + padded
    }

    /// Without the "./" that tar(1) writes for `tar -C folder .`; nil for that folder itself.
    private func path(of header: TarHeader) throws(PluginError) -> String? {
        var path = header.path[...]
        if path.hasPrefix("./") { path = path.dropFirst(2) }
        if header.isFolder, path.hasSuffix("/") { path = path.dropLast() }
        if header.isFolder, header.path == "./" || header.path == "." { return nil }
        if let problem = BundlePath.problem(String(path)) { throw refused(header.path, problem) }
        return String(path)
    }

    private mutating func add(folder path: String) throws(PluginError) {
        guard let inner = try inner(path) else {
            guard listed.insert("").inserted else { throw refused(path, "is there twice") }
            return
        }
        guard listed.insert(inner).inserted, files[inner] == nil else { throw refused(path, "is there twice") }
        try addParents(of: inner, path)
        folders.insert(inner)
    }

    private mutating func add(file path: String, _ range: Range<Int>) throws(PluginError) {
        guard let inner = try inner(path) else {
            throw refused(path, "is not in a folder; a bundle is one folder NAME\(Archive.suffix)")
        }
        guard listed.insert(inner).inserted, !folders.contains(inner) else { throw refused(path, "is there twice") }
        files[inner] = range
        try addParents(of: inner, path)
    }

    /// All folders above, which no file may stand for.
    private mutating func addParents(of inner: String, _ path: String) throws(PluginError) {
        for folder in BundlePath.parents(inner) {
            guard files[folder] == nil else { throw refused(path, "is in a folder that is a file too") }
            folders.insert(folder)
        }
    }

    /// The path below the top folder, of which there is one; nil for that itself.
    private mutating func inner(_ path: String) throws(PluginError) -> String? {
        let parts = BundlePath.parts(path)
        let first = parts.first ?? path
        guard top == nil || top == first else {
            throw refused("has several folders in it (\(top ?? ""), \(first)); a bundle is one NAME\(Archive.suffix)")
        }
        top = first
        return parts.count > 1 ? parts.dropFirst().joined(separator: "/") : nil
    }

    private func refused(_ reason: String) -> PluginError {
        PluginError(.malformed, path: archive, reason: LogText.oneLine(reason))
    }

    private func refused(_ entry: String, _ reason: String) -> PluginError {
        refused("entry \(entry.prefix(300)) \(reason)")
    }
}
