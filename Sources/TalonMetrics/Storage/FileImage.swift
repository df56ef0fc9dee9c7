import Glibc
import TalonPlatform

/// The used bytes of a metric file, copied at one moment.
///
/// Copied with `pread` and not mapped: a file that is cut while it is read must be a short read, never a SIGBUS.
struct FileImage {
    /// More than any writer of this format makes.
    ///
    /// A larger file is refused before memory is spent on it.
    static let limit = 256 << 20

    /// Empty, or from the file's first byte to the end of what its header says is used.
    private(set) var bytes: [UInt8]
    /// Of the file when it was read; nil if it was changed so lately that a change after might not show in it.
    private(set) var version: FileVersion?

    /// For tests and takeovers: an image of bytes in memory.
    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Of a file with this content.
    ///
    /// Code `.format` if that is not of the format.
    init(content: [UInt8]) throws(MetricError) {
        let used = try Self.used(header: Array(content.prefix(8)))
        try Self.check(used, size: content.count)
        bytes = Array(content.prefix(used))
    }

    /// Reads the file at `path`.
    ///
    /// Code `.access` if that fails, `.format` if the file is not of the format.
    init(path: String) throws(MetricError) {
        bytes = []
        try load(path)
    }

    /// Reads the file behind a descriptor; its offset does not matter and does not move.
    init(descriptor: Int32) throws(MetricError) {
        bytes = []
        try load(descriptor)
    }

    /// Becomes the image of another file, in the same memory where that is enough. Of no use if it throws; codes as
    /// ``init(path:)``.
    mutating func load(_ path: String) throws(MetricError) {
        let file: FileDescriptor
        do {
            // O_NONBLOCK: a pipe under this name must not make a scrape wait for its writer.
            file = try FileDescriptor.open(path, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            throw MetricError(.access, errno: error.errno, "open")
        }
        defer { file.close() }
        try load(file.rawValue)
    }

    private mutating func load(_ descriptor: Int32) throws(MetricError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw MetricError(.access, errno: lastErrno, "fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw MetricError(.format, "not a regular file") }
        version = FileVersion(status)

        // The header first and alone: a writer publishes it after the entries, so they are there when it says so.
        var header: [UInt8] = []
        try Self.read(8, from: descriptor, into: &header)
        let used = try Self.used(header: header)
        guard used > header.count else {
            bytes = header
            return
        }
        // Asked again, for it may just have grown; and before a hostile header makes us reserve memory.
        guard fstat(descriptor, &status) == 0 else { throw MetricError(.access, errno: lastErrno, "fstat") }
        try Self.check(used, size: Int(status.st_size))
        try Self.read(used, from: descriptor, into: &bytes)
        guard bytes.count == used else {
            throw MetricError(.format, "cut: \(used) bytes are used, but only \(bytes.count) could be read")
        }
    }

    /// How many bytes a header says are used, itself included.
    private static func used(header: [UInt8]) throws(MetricError) -> Int {
        guard !header.isEmpty else { throw MetricError(.format, "empty") }
        guard header.count == 8 else { throw MetricError(.format, "cut in its header") }
        let used = Int(Self(bytes: header).int32(at: 0))
        // prometheus_client makes the file first and writes the header after: no entries yet.
        if used == 0 { return 8 }
        guard used >= 8, used <= limit, used % 8 == 0 else {
            throw MetricError(.format, "its header says that \(used) bytes are used")
        }
        return used
    }

    private static func check(_ used: Int, size: Int) throws(MetricError) {
        guard used <= size else {
            throw MetricError(.format, "cut: \(used) bytes are used, but the file has \(size)")
        }
    }

    /// Reads the first `count` bytes of the file, or as many as there are, in the place of what is in `bytes`.
    private static func read(_ count: Int, from descriptor: Int32, into bytes: inout [UInt8]) throws(MetricError) {
        if bytes.count > count { bytes.removeLast(bytes.count - count) }
        bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        var filled = 0
        var failure: Int32?
        bytes.withUnsafeMutableBytes { buffer in
            while filled < count, let base = buffer.baseAddress {
                let result = retrying { pread(descriptor, base + filled, count - filled, off_t(filled)) }
                if result < 0 { failure = lastErrno }
                guard result > 0 else { return }
                filled += result
            }
        }
        if let failure { throw MetricError(.access, errno: failure, "read") }
        bytes.removeLast(count - filled)
    }

    /// The number at `offset`; 0 outside the image.
    func int32(at offset: Int) -> Int32 {
        guard offset >= 0, offset + 4 <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Int32.self) }
    }

    /// The number at `offset`; 0 outside the image.
    func double(at offset: Int) -> Double {
        guard offset >= 0, offset + 8 <= bytes.count else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Double.self) }
    }

    /// How many of the entries, from the first, have the same key here as in `other`, whose entries they are.
    func keysShared(with other: FileImage, of entries: [EntryFormat]) -> Int {
        bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                guard let ours = mine.baseAddress, let known = theirs.baseAddress else { return 0 }
                let end = min(mine.count, theirs.count)
                let changed = entries.firstIndex { entry in
                    entry.end > end || memcmp(ours + entry.start, known + entry.start, entry.value - entry.start) != 0
                }
                return changed ?? entries.count
            }
        }
    }

    /// Calls `body` with the place in `entries`, the value and the timestamp of each.
    ///
    /// The entries are of this image.
    func forEachValue(of entries: [EntryFormat], _ body: (Int, Double, Double) -> Void) {
        bytes.withUnsafeBytes { raw in
            for (place, entry) in entries.enumerated() where entry.end <= raw.count {
                body(
                    place, raw.loadUnaligned(fromByteOffset: entry.value, as: Double.self),
                    raw.loadUnaligned(fromByteOffset: entry.timestamp, as: Double.self))
            }
        }
    }
}

extension MetricError {
    /// Whether the file does not exist (any more).
    var isMissingFile: Bool { errno == ENOENT }
}
