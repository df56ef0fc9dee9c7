import Glibc
import TalonPlatform

/// Moves the values of metric files whose writers have ended into an archive, and deletes the files: their number
/// stays bounded however many processes come and go, and no total goes back. ``RetiredName`` says how that survives
/// death at any moment.
///
/// Counters, histograms, summaries and the gauges that outlive their process are kept; gauges of the modes `all` and
/// `live…` go. Damaged files stay, for somebody to look at. For one thread; of several processes one at a time does it.
package struct Retirement {
    /// Each holds a descriptor until all have retired.
    private static let batch = 256

    private let directory: String
    private let slots: Int
    /// Told what comes next; tests end the process there.
    package var step: (Step) -> Void = { _ in }

    package enum Step: String, CaseIterable {
        case draft, retire, publish, commit, remove, finish
    }

    /// A file that retires.
    fileprivate struct Candidate {
        let name: String
        let writer: FileWriter
        let hold: DeadFile
        /// Its name while it retires.
        var retiring: String?
    }

    /// `slots`: how many worker slots the server has, which tells the number of a slot from a pid.
    package init(directory: String, slots: Int) {
        self.directory = directory
        self.slots = slots
    }

    /// Retires what it finds; returns how many files, 0 if there is nothing to do or another process does it.
    ///
    /// `isFree` says whether no worker has a slot now: it must say no from before the worker is started. Codes
    /// `.access`, `.space`, `.full`, and `.format` for a damaged archive; nothing is lost then, and the next call tries
    /// again.
    package func run(isFree: (Int) -> Bool) throws(MetricError) -> Int {
        guard let lock = try FolderLock.exclusive(directory) else { return 0 }
        defer { lock.release() }
        try recover(FolderListing(directory))
        let listing = try FolderListing(directory)
        var archive = try NextArchive(directory: directory, listing: listing)
        var candidates = collect(listing, isFree: isFree, into: &archive)
        defer { for candidate in candidates { candidate.hold.release() } }
        guard !candidates.isEmpty else { return 0 }
        step(.draft)
        try archive.draft()
        step(.retire)
        try retire(&candidates, into: archive.number)
        guard candidates.allSatisfy({ $0.mayRetire(isFree) }) else {
            // A worker has taken such a slot meanwhile, and may have opened the file under either name.
            for candidate in candidates { candidate.comeBack(in: directory) }
            return 0
        }
        step(.publish)
        try archive.publish()
        step(.commit)
        try archive.commit()
        step(.remove)
        for candidate in candidates { remove(candidate.retiring ?? candidate.name) }
        archive.removePredecessor()
        step(.finish)
        return candidates.count
    }

    /// Puts right what a predecessor left that was killed.
    private func recover(_ listing: FolderListing) throws(MetricError) {
        for name in listing.names {
            if let file = RetiredName.parseRetiring(name) {
                if file.archive <= listing.archive {
                    remove(name)
                } else {
                    // Where the name is taken, its writer has another file now, and this one retires as it is.
                    try? FileAccess.renameNew(path(name), to: path(file.original))
                }
            } else if let file = RetiredName.parseArchive(name) {
                if file.number != listing.archive { remove(name) }
            } else if name.hasPrefix(RetiredName.committed), name != RetiredName.committed {
                remove(name)
            }
        }
    }

    private func collect(
        _ listing: FolderListing, isFree: (Int) -> Bool, into archive: inout NextArchive
    ) -> [Candidate] {
        var candidates: [Candidate] = []
        for name in listing.names where candidates.count < Self.batch {
            guard let entry = listing.entry(name), RetiredName.parseArchive(name) == nil,
                let fileName = MetricFileName(entry.meaning)
            else { continue }
            let isRetiring = name != entry.meaning
            let writer = isRetiring ? .retired : FileWriter(identifier: fileName.identifier, slots: slots)
            guard let hold = DeadFile(path(name), writer: writer, isFree: isFree) else { continue }
            do {
                try archive.add(name, fileName)
                candidates.append(
                    Candidate(name: name, writer: writer, hold: hold, retiring: isRetiring ? name : nil))
            } catch {
                // The reader tells.
                hold.release()
            }
        }
        return candidates
    }

    private func retire(_ candidates: inout [Candidate], into number: Int) throws(MetricError) {
        for index in candidates.indices where candidates[index].retiring == nil {
            candidates[index].retiring = try retire(candidates[index].name, into: number)
        }
    }

    /// Gives a file its name in retirement; another one may have had the same name.
    private func retire(_ name: String, into number: Int) throws(MetricError) -> String {
        var copy = 0
        while true {
            let retiring = RetiredName.retiring(name, into: number, copy: copy)
            do {
                try FileAccess.renameNew(path(name), to: path(retiring))
                return retiring
            } catch {
                guard error.errno == EEXIST else { throw MetricError(.access, errno: error.errno, path(name)) }
                copy += 1
            }
        }
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func remove(_ name: String) { FileAccess.remove(path(name)) }
}

extension Retirement.Candidate {
    /// Whether nobody can have begun to write to the file before it got its new name.
    fileprivate func mayRetire(_ isFree: (Int) -> Bool) -> Bool {
        if case .application(let slot) = writer { return isFree(slot) }
        return true
    }

    fileprivate func comeBack(in directory: String) {
        guard let retiring, retiring != name else { return }
        try? FileAccess.renameNew("\(directory)/\(retiring)", to: "\(directory)/\(name)")
    }
}
