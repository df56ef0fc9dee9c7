import CTalonPlatform

/// A worker's end when its master is gone; talon_deathwatch.h.
package enum DeathWatch {
    /// Kills this process so many seconds after the master's death, if it still lives then.
    package static func arm(master: Int32, seconds: Int32) {
        _ = talon_deathwatch_arm(master, seconds)
    }

    /// Looks now, for a process that may have missed the signal.
    package static func check() {
        talon_deathwatch_check()
    }
}

/// A small number that one thread sets and another reads.
package final class AtomicStatus: @unchecked Sendable {
    // Unchecked: every access is atomic.
    private let cell: UnsafeMutablePointer<UInt32>

    package init() {
        cell = .allocate(capacity: 1)
        cell.initialize(to: 0)
    }

    deinit {
        cell.deallocate()
    }

    package func load() -> Int32 { Int32(bitPattern: talon_atomic_load_acquire_u32(cell)) }

    package func store(_ value: Int32) { talon_atomic_store_release_u32(cell, UInt32(bitPattern: value)) }
}
