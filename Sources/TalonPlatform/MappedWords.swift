import CTalonPlatform

/// Neighbouring 64-bit words in a mapping, each updated atomically: by any thread, and seen by every process that maps
/// them.
///
/// `@unchecked Sendable`: the pointer is never undone (see ``MappedFile``) and every access through it is atomic. An
/// index outside is a trap.
package struct MappedWords: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutablePointer<UInt64>
    package let count: Int

    /// Words of this process alone, never freed.
    package static func unshared(_ values: [UInt64]) -> MappedWords {
        let base = UnsafeMutablePointer<UInt64>.allocate(capacity: max(values.count, 1))
        for (index, value) in values.enumerated() { (base + index).initialize(to: value) }
        return MappedWords(base: base, count: values.count)
    }

    @inlinable package func load(_ index: Int) -> UInt64 {
        talon_atomic_load_u64(pointer(index))
    }

    @inlinable package func store(_ value: UInt64, at index: Int) {
        talon_atomic_store_u64(pointer(index), value)
    }

    /// Stores after everything that this thread stored before (release).
    @inlinable package func publish(_ value: UInt64, at index: Int) {
        talon_atomic_store_release_u64(pointer(index), value)
    }

    /// Adds `amount`; no addition of another thread is lost.
    @inlinable package func add(_ amount: UInt64, at index: Int) {
        _ = talon_atomic_add_u64(pointer(index), amount)
    }

    /// Whether the word was `expected` and is `desired` now; what this thread stores next comes after.
    @inlinable package func exchange(_ expected: UInt64, for desired: UInt64, at index: Int) -> Bool {
        guard talon_atomic_compare_exchange_u64(pointer(index), expected, desired) else { return false }
        talon_atomic_fence_release()
        return true
    }

    @inlinable func pointer(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        precondition(index >= 0 && index < count, "word outside the block")
        return base + index
    }
}
