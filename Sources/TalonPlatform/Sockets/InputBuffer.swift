import CTalonPlatform
import Glibc

/// What came of an attempt to read from a socket.
package enum ReceiveOutcome: Equatable, Sendable {
    case received(Int)
    /// Nothing is there yet.
    case wouldBlock
    /// The other side has sent everything that it will.
    case ended
    /// The connection is broken.
    case failed
}

/// Bytes that came from a socket and are not used up yet. One thread at a time.
///
/// The memory is its own, so that an address handed to C stays good until the bytes are consumed.
package final class InputBuffer {
    @usableFromInline var storage: UnsafeMutableRawPointer?
    private var capacity = 0
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    private static let firstCapacity = 8192

    package init() {}

    deinit {
        free(storage)
    }

    /// How many bytes are there.
    @inlinable package var count: Int { end - start }

    /// Where they begin; good until the next call that changes the buffer.
    @inlinable package var address: UnsafePointer<UInt8>? {
        guard let storage else { return nil }
        return UnsafePointer((storage + start).assumingMemoryBound(to: UInt8.self))
    }

    /// The bytes.
    @inlinable @inline(__always)
    package func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: address, count: count).span)
    }

    /// Reads once from `socket`, as much as there is room for. Makes room, up to `limit` bytes in all.
    package func receive(from socket: FileDescriptor, limit: Int) -> ReceiveOutcome {
        makeRoom(limit: limit)
        guard let storage, end < capacity else { return .wouldBlock }
        let outcome = socket.receive(into: UnsafeMutableRawBufferPointer(start: storage + end, count: capacity - end))
        if case .received(let count) = outcome { end += count }
        return outcome
    }

    /// Looks once at what has come, and reads from `socket` only what `claim` wants of it: the number of bytes, of all that
    /// are here and there. What it does not want stays for another reader of the socket.
    package func receive(from socket: FileDescriptor, claim: (Span<UInt8>) -> Int) -> ReceiveOutcome {
        makeRoom(limit: InputBuffer.firstCapacity + count)
        guard let storage, end < capacity else { return .wouldBlock }
        func read(_ size: Int, flags: Int32) -> Int { retrying { recv(socket.rawValue, storage + end, size, flags) } }
        let seen = read(capacity - end, flags: Int32(MSG_PEEK))
        guard seen > 0 else { return seen == 0 ? .ended : lastErrno == EAGAIN ? .wouldBlock : .failed }
        let wanted = claim(UnsafeBufferPointer(start: address, count: count + seen).span) - count
        guard wanted > 0 else { return .received(0) }
        let taken = read(min(wanted, seen), flags: 0)
        guard taken > 0 else { return .failed }
        end += taken
        return .received(taken)
    }

    /// Reads once from what a session has decrypted, as ``receive(from:limit:)`` does from a socket.
    package func receive(from session: SecureSession, limit: Int) -> ReceiveOutcome {
        makeRoom(limit: limit)
        guard let storage, end < capacity else { return .wouldBlock }
        let outcome = session.receive(into: UnsafeMutableRawBufferPointer(start: storage + end, count: capacity - end))
        if case .received(let count) = outcome { end += count }
        return outcome
    }

    /// Adds bytes at the end.
    package func append(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return }
        reserve(count + bytes.count)
        guard let storage else { return }
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            memcpy(storage + end, base, source.count)
        }
        end += bytes.count
    }

    /// Changes bytes where they are; offsets count from the first byte there is.
    package func rewrite(_ range: Range<Int>, _ change: (UInt8) -> UInt8) {
        guard let storage, range.lowerBound >= 0, range.upperBound <= count else { return }
        let bytes = (storage + start).assumingMemoryBound(to: UInt8.self)
        for index in range { bytes[index] = change(bytes[index]) }
    }

    /// Drops bytes from the front.
    package func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "more consumed than there is")
        start += count
        if start == end { (start, end) = (0, 0) }
    }

    /// Gives the memory back if no bytes are there.
    package func releaseIfEmpty() {
        guard start == end, let storage else { return }
        free(storage)
        self.storage = nil
        (capacity, start, end) = (0, 0, 0)
    }

    private func makeRoom(limit: Int) {
        if capacity == 0 { return reserve(InputBuffer.firstCapacity) }
        guard end == capacity else { return }
        reserve(start > 0 ? count : min(capacity * 2, max(limit, count)))
    }

    /// Makes the capacity at least `wanted`, with the bytes moved to the front.
    private func reserve(_ wanted: Int) {
        if start > 0, let storage {
            memmove(storage, storage + start, count)
            (start, end) = (0, count)
        }
        guard wanted > capacity else { return }
        let size = max(wanted, InputBuffer.firstCapacity)
        guard let grown = realloc(storage, size) else { fatalError("out of memory") }
        storage = grown
        capacity = size
    }
}
