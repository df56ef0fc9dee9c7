import CTalonPlatform
import Glibc

/// A shared mapping of a file that grows and never moves.
///
/// It reserves `limit` bytes of addresses at once (no memory) and maps pages into them as the file grows, so an
/// address handed out stays good. The mapping is **never undone**: cells point into it for as long as the process
/// lives, and an object that frees what others point to would be a trap. One instance therefore costs its reservation
/// for good; make few.
///
/// Growing is for one thread at a time (the owner's lock); the mapped bytes are shared with every thread and process.
package final class MappedFile {
    /// The most bytes it can ever map.
    package let limit: Int
    /// How many bytes are mapped, from the start; a multiple of the page size.
    package private(set) var size = 0
    private let base: UnsafeMutableRawPointer

    /// Reserves addresses for `limit` bytes, rounded up to whole pages, and maps nothing yet.
    package init(limit: Int) throws(SystemError) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let rounded = (max(limit, 1) + page - 1) / page * page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let address = mmap(nil, rounded, PROT_NONE, flags, -1, 0), address != MAP_FAILED else {
            throw .last("mmap")
        }
        self.base = address
        self.limit = rounded
    }

    /// Maps up to `newSize` bytes of the file `descriptor`, which must already be that long.
    ///
    /// What is mapped already stays untouched. `newSize` must be whole pages, at most `limit`.
    package func extend(to newSize: Int, of descriptor: Int32) throws(SystemError) {
        guard newSize > size else { return }
        guard newSize <= limit else { throw SystemError(call: "mmap", errno: ENOMEM) }
        let mapped = mmap(
            base + size, newSize - size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor, size)
        guard mapped != MAP_FAILED else { throw .last("mmap") }
        size = newSize
    }

    /// Copies `bytes` to `offset`.
    ///
    /// The caller is the only writer of that range, and no reader looks at it yet.
    package func write(_ bytes: [UInt8], at offset: Int) {
        precondition(offset >= 0 && offset + bytes.count <= size, "write outside the mapping")
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            (base + offset).copyMemory(from: start, byteCount: source.count)
        }
    }

    /// Stores 32 bits at `offset` (a multiple of 4) after everything this thread wrote before (release).
    package func publish(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset % 4 == 0 && offset + 4 <= size, "store outside the mapping")
        talon_atomic_store_release_u32((base + offset).assumingMemoryBound(to: UInt32.self), value)
    }

    /// The cell at `offset`, a multiple of 8 inside what is mapped.
    package func cell(at offset: Int) -> MappedCell {
        precondition(offset >= 0 && offset % 8 == 0 && offset + 8 <= size, "cell outside the mapping")
        return MappedCell(pointer: (base + offset).assumingMemoryBound(to: Double.self))
    }

    /// The words from `offset`, a multiple of 8, on; nil if they are not inside what is mapped.
    package func words(at offset: Int, count: Int) -> MappedWords? {
        guard offset >= 0, offset % 8 == 0, count >= 0, offset <= size, count <= (size - offset) / 8 else { return nil }
        return MappedWords(base: (base + offset).assumingMemoryBound(to: UInt64.self), count: count)
    }
}

/// One `Double` in a mapping, updated atomically (relaxed): by any thread, and seen by every process that maps it.
///
/// `@unchecked Sendable`: the pointer is never undone (see ``MappedFile``) and every access through it is atomic.
package struct MappedCell: @unchecked Sendable {
    @usableFromInline let pointer: UnsafeMutablePointer<Double>

    @usableFromInline init(pointer: UnsafeMutablePointer<Double>) {
        self.pointer = pointer
    }

    /// A cell of this process alone, never freed: it takes updates that cannot be shared.
    package static func unshared() -> MappedCell {
        let pointer = UnsafeMutablePointer<Double>.allocate(capacity: 1)
        pointer.initialize(to: 0)
        return MappedCell(pointer: pointer)
    }

    /// Adds `amount`; no addition of another thread is lost.
    @inlinable package func add(_ amount: Double) {
        talon_atomic_add_f64(pointer, amount)
    }

    /// Replaces the value.
    @inlinable package func store(_ value: Double) {
        talon_atomic_store_f64(pointer, value)
    }

    /// The value now.
    @inlinable package func load() -> Double {
        talon_atomic_load_f64(pointer)
    }
}
