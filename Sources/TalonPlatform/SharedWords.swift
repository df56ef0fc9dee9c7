import CTalonPlatform

/// 64-bit words in memory that several processes share. Every access is atomic, and checked against the size.
package struct SharedWords: @unchecked Sendable {
    // Unchecked, because every access is atomic.
    private let region: SharedRegion
    package let count: Int

    package var descriptor: FileDescriptor { region.descriptor }

    package static func create(name: String, count: Int) throws(SystemError) -> SharedWords {
        SharedWords(region: try .create(name: name, byteCount: count * 8))
    }

    package static func attach(_ descriptor: FileDescriptor) throws(SystemError) -> SharedWords {
        SharedWords(region: try .attach(descriptor))
    }

    private init(region: SharedRegion) {
        self.region = region
        count = region.byteCount / 8
    }

    @inline(__always)
    private func word(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        precondition(index >= 0 && index < count, "no such word: \(index)")
        return region.base.assumingMemoryBound(to: UInt64.self) + index
    }

    package subscript(index: Int) -> UInt64 {
        @inline(__always) get { talon_atomic_load_acquire_u64(word(index)) }
        nonmutating set { talon_atomic_store_release_u64(word(index), newValue) }
    }

    /// Adds; returns the value before.
    package func add(_ amount: UInt64, at index: Int) -> UInt64 {
        talon_atomic_add_u64(word(index), amount)
    }

    /// True when the word held `expected` and now holds `desired`.
    package func exchange(_ expected: UInt64, with desired: UInt64, at index: Int) -> Bool {
        talon_atomic_compare_exchange_u64(word(index), expected, desired)
    }
}
