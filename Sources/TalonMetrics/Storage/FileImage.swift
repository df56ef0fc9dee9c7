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

    /// For tests and takeovers: an image of bytes in memory.
    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the file at `path`.
    ///
    /// Code `.access` if that fails, `.format` if the file is not of the format.
    init(path: String) throws(MetricError) {
        let file: FileDescriptor
        do {
            // O_NONBLOCK: a pipe under this name must not make a scrape wait for its writer.
            file = try FileDescriptor.open(path, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            throw MetricError(.access, errno: error.errno, "open")
        }
        defer { file.close() }
        try self.init(descriptor: file.rawValue)
    }

    /// Reads the file behind a descriptor; its offset does not matter and does not move.
    init(descriptor: Int32) throws(MetricError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw MetricError(.access, errno: lastErrno, "fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw MetricError(.format, "not a regular file") }

        // The header first and alone: a writer publishes it after the entries, so they are there when it says so.
        let header = try Self.read(8, from: descriptor)
        guard !header.isEmpty else { throw MetricError(.format, "empty") }
        guard header.count == 8 else { throw MetricError(.format, "cut in its header") }
        let used = Int(Self(bytes: header).int32(at: 0))
        guard used != 0 else {
            // prometheus_client makes the file first and writes the header after: no entries yet.
            bytes = header
            return
        }
        guard used >= 8, used <= Self.limit, used % 8 == 0 else {
            throw MetricError(.format, "its header says that \(used) bytes are used")
        }
        // Asked again, for it may just have grown; and before a hostile header makes us reserve memory.
        guard fstat(descriptor, &status) == 0 else { throw MetricError(.access, errno: lastErrno, "fstat") }
        guard used <= Int(status.st_size) else {
            throw MetricError(.format, "cut: \(used) bytes are used, but the file has \(status.st_size)")
        }
        bytes = try Self.read(used, from: descriptor)
        guard bytes.count == used else {
            throw MetricError(.format, "cut: \(used) bytes are used, but only \(bytes.count) could be read")
        }
    }

    private static func read(_ count: Int, from descriptor: Int32) throws(MetricError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let result = retrying { pread(descriptor, base + filled, count - filled, off_t(filled)) }
                if result < 0 { failure = lastErrno }
                guard result > 0 else { return }
                filled += result
            }
        }
        if let failure { throw MetricError(.access, errno: failure, "read") }
        return bytes
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

    /// Whether both images hold the same bytes in `range`; false where one does not reach that far.
    func matches(_ other: FileImage, in range: Range<Int>) -> Bool {
        guard range.lowerBound >= 0, range.upperBound <= min(bytes.count, other.bytes.count) else { return false }
        return bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return true }
                return memcmp(mine + range.lowerBound, theirs + range.lowerBound, range.count) == 0
            }
        }
    }
}

extension MetricError {
    /// Whether the file does not exist (any more).
    var isMissingFile: Bool { errno == ENOENT }
}
