import CTalonPlatform

/// What one thread of a worker is doing. Its thread writes, master and exporter read; every field is one word, read and
/// written atomically.
package struct ScoreboardLane: @unchecked Sendable {
    // Unchecked, because the memory is shared and every access below is atomic.
    let words: UnsafeMutablePointer<UInt64>

    init(record: UnsafeMutableRawPointer) {
        words = record.assumingMemoryBound(to: UInt64.self)
    }

    /// The words of a lane by number. Those of the request are described where they are written.
    enum Word {
        static let ledger = 0
        static let ledgerSince = 1
        static let requestSince = 2
        static let activeSince = 3
        static let sequence = 4
        static let method = 5
        static let shape = 6
        static let phase = 7
        /// The first of ``LaneRequest/pathLimit`` bytes.
        static let path = 8
        static let count = path + LaneRequest.pathLimit / 8
    }

    @inline(__always)
    func load(_ word: Int) -> UInt64 { talon_atomic_load_acquire_u64(words + word) }

    @inline(__always)
    func store(_ value: UInt64, _ word: Int) { talon_atomic_store_release_u64(words + word, value) }

    /// Which plugin code the thread is in: 0, or plugin index + 1 in the high half and the hook point in the low; the
    /// point 0 is loading.
    @inline(__always)
    package var ledger: UInt64 {
        get { load(Word.ledger) }
        nonmutating set { store(newValue, Word.ledger) }
    }

    /// Since when: CLOCK_MONOTONIC, nanoseconds. Written before the ledger.
    @inline(__always)
    package var ledgerSince: UInt64 {
        get { load(Word.ledgerSince) }
        nonmutating set { store(newValue, Word.ledgerSince) }
    }

    /// Since when it runs its request: CLOCK_MONOTONIC, nanoseconds; 0 while it runs none.
    @inline(__always)
    package var requestSince: UInt64 {
        get { load(Word.requestSince) }
        nonmutating set { store(newValue, Word.requestSince) }
    }

    /// When the request was begun, or last got bytes from its client or gave it some: CLOCK_MONOTONIC, nanoseconds.
    @inline(__always)
    package var activeSince: UInt64 {
        get { load(Word.activeSince) }
        nonmutating set { store(newValue, Word.activeSince) }
    }

    /// What the thread waits for while it runs a request.
    @inline(__always)
    package var phase: RequestPhase {
        get { RequestPhase(rawValue: UInt8(truncatingIfNeeded: load(Word.phase))) ?? .application }
        nonmutating set { store(UInt64(newValue.rawValue), Word.phase) }
    }

    /// Nothing runs. The master, before a worker has the slot.
    func clear() {
        (ledger, requestSince) = (0, 0)
        // A worker that was killed may have left it in the middle of writing.
        store(0, Word.sequence)
    }
}
