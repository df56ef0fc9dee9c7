import Glibc
import TalonPlatform

/// Finds, takes over or makes the file that a store writes to.
struct StoreFileOpener {
    let directory: String
    let identifier: String
    /// How large a file may become, in bytes.
    let limit: Int

    /// Opens `<prefix>_<identifier>.db`, or a substitute `<prefix>_<identifier>-<pid>.db` while another process has it;
    /// files of the other kind by their suffix.
    ///
    /// `prefix` is the metric type, for gauges with the mode. `replaced` is told what was wrong with a file that was
    /// there and was not a metric file. Codes `.access`, `.space`, `.held`, `.memory`.
    func open(
        prefix: String, kind: StoreFileKind = .entries, replaced: (MetricError) -> Void
    ) throws(MetricError) -> StoreFile {
        if let file = try open(prefix, identifier, kind, replaced) { return file }
        for identifier in substitutes(prefix, kind) + ["\(identifier)-\(getpid())"] {
            if let file = try open(prefix, identifier, kind, replaced) { return file }
        }
        throw MetricError(.held, "\(directory)/\(prefix)_\(identifier)\(kind.suffix)")
    }

    /// Nil if another process has it.
    private func open(
        _ prefix: String, _ identifier: String, _ kind: StoreFileKind, _ replaced: (MetricError) -> Void
    ) throws(MetricError) -> StoreFile? {
        let path = "\(directory)/\(prefix)_\(identifier)\(kind.suffix)"
        // A few tries: between two steps another process may make, replace or delete the file.
        for _ in 0..<16 {
            switch try attempt(path, kind: kind, replaced: replaced) {
            case .opened(let file): return file
            case .changed: continue
            case .held: return nil
            }
        }
        return nil
    }

    /// The identifiers of substitutes that are there: one whose maker has ended is as good as a new one, and so their
    /// number stays that of the processes that hold one at the same time.
    private func substitutes(_ prefix: String, _ kind: StoreFileKind) -> [String] {
        let start = "\(prefix)_\(identifier)-"
        return ((try? FileAccess.names(in: directory)) ?? []).compactMap { name in
            guard name.hasPrefix(start), name.hasSuffix(kind.suffix),
                Int32(name.dropFirst(start.count).dropLast(kind.suffix.count)) != nil
            else { return nil }
            return String(name.dropFirst(prefix.count + 1).dropLast(kind.suffix.count))
        }
    }

    private enum Outcome {
        case opened(StoreFile)
        case held
        case changed
    }

    private func attempt(
        _ path: String, kind: StoreFileKind, replaced: (MetricError) -> Void
    ) throws(MetricError) -> Outcome {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            guard error.errno == ENOENT else { throw MetricError(.access, errno: error.errno, path) }
            return try make(path, replacing: false)
        }
        var keep = false
        defer { if !keep { file.close() } }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            guard lastErrno == EWOULDBLOCK else { throw MetricError(.access, errno: lastErrno, path) }
            return .held
        }
        var status = stat()
        var atPath = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw MetricError(.access, errno: lastErrno, path) }
        // Whoever held the lock before may have put another file in its place.
        guard lstat(path, &atPath) == 0, atPath.st_ino == status.st_ino, atPath.st_dev == status.st_dev else {
            return .changed
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw MetricError(.access, "\(path) is not a regular file") }
        let content: (used: Int, entries: [String: Int])
        do {
            content = try entries(of: file.rawValue, kind: kind, size: Int(status.st_size), owner: status.st_uid)
        } catch {
            let outcome = try make(path, replacing: true)
            replaced(MetricError(error.code, errno: error.errno, "\(path): \(error.context)"))
            return outcome
        }
        // Also fills the holes that prometheus_client leaves.
        let size = max(Int(status.st_size), StoreFile.initialSize)
        let page = 65536  // a multiple of every page size
        let rounded = (size + page - 1) / page * page
        try StoreFile.allocate(rounded, descriptor: file.rawValue, path: path)
        let opened = try StoreFile(
            descriptor: file.rawValue, path: path, size: rounded, used: content.used, entries: content.entries,
            limit: limit)
        keep = true
        return .opened(opened)
    }

    /// The keys of a file that is to be taken over.
    ///
    /// Code `.format` if it must not be.
    private func entries(
        of descriptor: Int32, kind: StoreFileKind, size: Int, owner: uid_t
    ) throws(MetricError) -> (used: Int, entries: [String: Int]) {
        // Its owner could cut it under our mapping.
        guard owner == geteuid() else { throw MetricError(.format, "it belongs to another user") }
        guard size <= limit else { throw MetricError(.format, "larger than \(limit) bytes") }
        let image = try FileImage(descriptor: descriptor)
        var entries: [String: Int] = [:]
        var position = EntryFormat.headerSize
        while let item = try kind.item(at: position, in: image) {
            guard let key = String(validating: image.bytes[item.key], as: UTF8.self) else {
                throw MetricError(.format, "the key at \(position) is not UTF-8")
            }
            entries[key] = item.value
            position = item.end
        }
        return (position, entries)
    }

    /// Whether a maker died before the file got its name.
    static func isAbandonedDraft(_ name: String) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(".new"), let start = name.lastIndex(of: "_") else { return false }
        let pid = name[name.index(after: start)...].prefix { $0 != "-" }
        return Int32(pid).map { $0 > 0 && kill($0, 0) != 0 && lastErrno == ESRCH } ?? false
    }

    /// Makes the file under another name, whole and locked, and gives it its name only then: no reader ever sees an
    /// empty or a half-made file, whenever we are killed.
    private func make(_ path: String, replacing: Bool) throws(MetricError) -> Outcome {
        // Not *.db, so no reader takes it up; process and thread keep two makers apart.
        let draft = "\(directory)/.\(identifier)_\(getpid())-\(pthread_self()).new"
        unlink(draft)
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(draft, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        } catch {
            throw MetricError(.access, errno: error.errno, path)
        }
        var keep = false
        defer {
            if !keep {
                file.close()
                unlink(draft)
            }
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            throw MetricError(.access, errno: lastErrno, path)
        }
        try StoreFile.allocate(StoreFile.initialSize, descriptor: file.rawValue, path: path)
        let opened = try StoreFile(
            descriptor: file.rawValue, path: path, size: StoreFile.initialSize, used: EntryFormat.headerSize,
            entries: [:], limit: limit)
        keep = true  // the store file owns the descriptor from here on
        if replacing {
            guard rename(draft, path) == 0 else {
                let failure = lastErrno
                unlink(draft)
                throw MetricError(.access, errno: failure, path)
            }
            return .opened(opened)
        }
        // A link, because it fails where a rename would overwrite what another process has just made.
        let result = link(draft, path)
        let failure = lastErrno
        unlink(draft)
        if result == 0 { return .opened(opened) }
        if failure == EEXIST { return .changed }
        throw MetricError(.access, errno: failure, path)
    }
}
