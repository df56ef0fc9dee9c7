import Glibc
import TalonPlatform

/// One file of a store, mapped: its keys and the cells behind them.
///
/// Not for two threads at a time.
final class StoreFile {
    /// How large a new file is, as prometheus_client makes it.
    static let initialSize = 64 << 10
    /// How large a file may become: some 300,000 series.
    static let limit = 64 << 20

    private let region: MappedFile
    /// Held open for its lock.
    private let descriptor: Int32
    private let path: String
    private var used: Int
    private var offsets: [String: Int]

    /// Maps a file that is open, locked, allocated in full and valid; `entries` are the keys it has and where their
    /// values lie.
    ///
    /// Owns the descriptor from then on, but not if it throws. Code `.memory`.
    init(descriptor: Int32, path: String, size: Int, used: Int, entries: [String: Int], limit: Int)
        throws(MetricError)
    {
        do {
            region = try MappedFile(limit: limit)
            try region.extend(to: size, of: descriptor)
        } catch {
            throw MetricError(.memory, errno: error.errno, path)
        }
        self.descriptor = descriptor
        self.path = path
        self.used = used
        self.offsets = entries
        region.publish(UInt32(used), at: 0)
    }

    deinit {
        // Gives the lock back, said aloud: a child that is between fork and exec still has the descriptor. The mapping
        // stays: instruments point into it.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The keys that the file has.
    var keys: [String] { Array(offsets.keys) }

    /// The cells of a key that the file has.
    func existing(_ key: String) -> CellPair? {
        offsets[key].map(cells)
    }

    /// Adds a key that the file does not have.
    ///
    /// `reserve` bytes stay free behind it. Codes `.space`, `.full`, `.memory`; the file is then as before.
    func add(_ key: String, leaving reserve: Int = 0) throws(MetricError) -> CellPair {
        let entry = EntryFormat.encode(key: Array(key.utf8))
        let offset = used + entry.count - 16
        try append(entry, leaving: reserve)
        offsets[key] = offset
        return cells(at: offset)
    }

    /// The words of a record, which are all 0 if the file did not have it, and whether it had; `count` goes with the
    /// key.
    ///
    /// Only in a file of records; codes as ``add(_:)``.
    func record(_ key: String, count: Int) throws(MetricError) -> (words: MappedWords, isNew: Bool) {
        if let offset = offsets[key], let announced = region.words(at: offset, count: 1), announced.load(0) == count,
            let words = region.words(at: offset + 16, count: count)
        {
            return (words, false)
        }
        let record = RecordFormat.encode(key: Array(key.utf8), count: count)
        let start = used + record.count - 8 * count
        try append(record)
        offsets[key] = start - 16
        guard let words = region.words(at: start, count: count) else { throw MetricError(.memory, path) }
        return (words, true)
    }

    private func append(_ bytes: [UInt8], leaving reserve: Int = 0) throws(MetricError) {
        try makeRoom(for: bytes.count + reserve)
        region.write(bytes, at: used)
        used += bytes.count
        // Only now does a reader see them, and then all of them.
        region.publish(UInt32(used), at: 0)
    }

    private func cells(at offset: Int) -> CellPair {
        CellPair(value: region.cell(at: offset), timestamp: region.cell(at: offset + 8))
    }

    private func makeRoom(for count: Int) throws(MetricError) {
        guard used + count > region.size else { return }
        var size = region.size
        while size < used + count { size *= 2 }
        guard size <= region.limit else {
            throw MetricError(.full, "\(path) has \(used) bytes of at most \(region.limit)")
        }
        try Self.allocate(size, descriptor: descriptor, path: path)
        do {
            try region.extend(to: size, of: descriptor)
        } catch {
            throw MetricError(.memory, errno: error.errno, path)
        }
    }

    /// Gives the file `size` bytes that the disk really has.
    ///
    /// A hole would be a SIGBUS on the day the disk is full.
    static func allocate(_ size: Int, descriptor: Int32, path: String) throws(MetricError) {
        // The kernel answers a write beyond this limit with a deadly signal, so ask first.
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit) == 0, UInt(size) > limit.rlim_cur {
            throw MetricError(.space, errno: EFBIG, path)
        }
        while true {
            let result = posix_fallocate(descriptor, 0, off_t(size))
            if result == 0 { return }
            guard result == EINTR else { throw MetricError(.space, errno: result, path) }
        }
    }
}
