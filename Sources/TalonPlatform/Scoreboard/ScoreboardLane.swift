import CTalonPlatform

/// What one thread of a worker is doing. Its thread writes, master and exporter read; every field is one word, read and written
/// atomically.
package struct ScoreboardLane: @unchecked Sendable {
    // Unchecked, because the memory is shared and every access below is atomic.
    private let words: UnsafeMutablePointer<UInt64>

    init(record: UnsafeMutableRawPointer) {
        words = record.assumingMemoryBound(to: UInt64.self)
    }

    /// Which plugin code the thread is in: 0, or plugin index + 1 in the high half and the hook point in the low; the
    /// point 0 is loading.
    @inline(__always)
    package var ledger: UInt64 {
        get { talon_atomic_load_acquire_u64(words) }
        nonmutating set { talon_atomic_store_release_u64(words, newValue) }
    }

    /// Since when: CLOCK_MONOTONIC, nanoseconds. Written before the ledger.
    @inline(__always)
    package var ledgerSince: UInt64 {
        get { talon_atomic_load_acquire_u64(words + 1) }
        nonmutating set { talon_atomic_store_release_u64(words + 1, newValue) }
    }

    /// Since when it runs its request: CLOCK_MONOTONIC, nanoseconds; 0 while it runs none.
    @inline(__always)
    package var requestSince: UInt64 {
        get { talon_atomic_load_acquire_u64(words + 2) }
        nonmutating set { talon_atomic_store_release_u64(words + 2, newValue) }
    }
}
