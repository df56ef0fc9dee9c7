import TalonPlatform

/// What an earlier run of the server left in a metric folder.
package enum FormerRun {
    /// Deletes the files whose writers have ended, with all that they counted, and the archive unless another server
    /// uses the folder now. What cannot be told to be dead stays.
    ///
    /// For the master, before it writes there itself. A folder that is not there is clean. `slots` as of
    /// ``Retirement``. Code `.access`.
    package static func remove(from directory: String, slots: Int) throws(MetricError) {
        guard !FileAccess.isMissing(directory), let lock = try FolderLock.exclusive(directory) else { return }
        defer { lock.release() }
        let names = try FolderListing(directory).names
        var writers: [(name: String, writer: FileWriter)] = []
        for name in names {
            // What Talon keeps beside a .db file goes with it.
            let meaning = name.hasSuffix(".records") ? String(name.dropLast(".records".count)) + ".db" : name
            guard let file = MetricFileName(meaning), RetiredName.parseArchive(name) == nil else { continue }
            writers.append((name, FileWriter(identifier: file.identifier, slots: slots)))
        }
        // Talon's own first: whoever holds one of them lives, and so does the application in its slot.
        var living: Set<Int?> = []
        for (name, writer) in writers where !remove(name, writer, from: directory) {
            if let slot = writer.slotOfTalon { living.insert(slot) }
        }
        for (name, writer) in writers {
            guard case .application(let slot) = writer, !living.contains(slot) else { continue }
            FileAccess.remove("\(directory)/\(name)")
        }
        for name in names where isLeftover(name, archiveToo: living.isEmpty) {
            FileAccess.remove("\(directory)/\(name)")
        }
    }

    /// Whether the file could be deleted; those of applications wait.
    private static func remove(_ name: String, _ writer: FileWriter, from directory: String) -> Bool {
        if case .application = writer { return false }
        guard let hold = DeadFile("\(directory)/\(name)", writer: writer, isFree: { _ in true }) else { return false }
        FileAccess.remove("\(directory)/\(name)")
        hold.release()
        return true
    }

    private static func isLeftover(_ name: String, archiveToo: Bool) -> Bool {
        if name.hasPrefix(RetiredName.committed) { return archiveToo || name != RetiredName.committed }
        if RetiredName.parseArchive(name) != nil || RetiredName.parseRetiring(name) != nil { return archiveToo }
        return StoreFileOpener.isAbandonedDraft(name)
    }
}

extension FileWriter {
    /// The slot of a process of Talon's, nil in it if it is no worker.
    fileprivate var slotOfTalon: Int?? {
        switch self {
        case .talon(let slot), .substitute(let slot): .some(slot)
        case .application, .process, .retired, .unknown: nil
        }
    }
}
