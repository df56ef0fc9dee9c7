import CTalonPlatform
import Glibc

/// An open file. Who holds it closes it.
package struct FileDescriptor: Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let standardInput = FileDescriptor(rawValue: 0)
    package static let standardOutput = FileDescriptor(rawValue: 1)
    package static let standardError = FileDescriptor(rawValue: 2)

    /// Opens a file close-on-exec; open(2).
    package static func open(_ path: String, flags: Int32) throws(SystemError) -> FileDescriptor {
        let descriptor = talon_open(path, flags)
        guard descriptor >= 0 else { throw .last("open", path) }
        return FileDescriptor(rawValue: descriptor)
    }

    /// Closes; errors are ignored, for there is nothing left to do.
    package func close() {
        _ = Glibc.close(rawValue)
    }

    /// Whether the number stands for an open file at all; fcntl(2).
    package var isOpen: Bool { talon_is_open(rawValue) == 1 }

    /// Adds O_NONBLOCK.
    package func setNonBlocking() throws(SystemError) {
        guard talon_set_nonblocking(rawValue) == 0 else { throw .last("fcntl", "\(rawValue)") }
    }

    /// Sets FD_CLOEXEC, for a descriptor that came from the parent.
    package func setCloseOnExec() {
        _ = talon_set_close_on_exec(rawValue, 1)
    }

    /// Writes all bytes, waiting as long as that takes, or until `deadline` (CLOCK_MONOTONIC, nanoseconds) if the
    /// descriptor is non-blocking. False if the other side is gone, the disk full, or the time over.
    @discardableResult
    package func writeAll(_ bytes: [UInt8], before deadline: UInt64 = .max) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let count = retrying { Glibc.write(rawValue, slice.baseAddress, slice.count) }
                if count < 0 {
                    guard lastErrno == EAGAIN else { return false }
                    let now = MonotonicClock.now()
                    guard now < deadline else { return false }
                    let rest = min((deadline - now) / 1_000_000 + 1, 1000)
                    _ = waitUntil(POLLOUT, timeoutMilliseconds: Int32(rest))
                    continue
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Appends up to `limit` bytes to `bytes`. Returns how many; 0 is the end of the file.
    package func read(upTo limit: Int, into bytes: inout [UInt8]) throws(SystemError) -> Int {
        var count = 0
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            count = retrying { Glibc.read(rawValue, buffer.baseAddress, limit) }
            failure = lastErrno
            filled = max(count, 0)
        }
        guard count >= 0 else { throw SystemError(call: "read", errno: failure, context: "\(rawValue)") }
        bytes.append(contentsOf: chunk)
        return count
    }

    /// The whole content of a small file, at most `limit` bytes.
    package static func contents(of path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
        let file = try open(path, flags: O_RDONLY)
        defer { file.close() }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let count = try file.read(upTo: min(65536, limit - bytes.count), into: &bytes)
            if count == 0 { break }
        }
        return bytes
    }

    /// Waits by poll(2) for one of `events`. False when the time is over. Negative time: no limit.
    package func waitUntil(_ events: Int32, timeoutMilliseconds: Int32) -> Bool {
        var entry = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: events), revents: 0)
        let deadline =
            timeoutMilliseconds < 0
            ? UInt64.max : MonotonicClock.now() + UInt64(timeoutMilliseconds) * 1_000_000
        var rest = timeoutMilliseconds
        while true {
            let count = poll(&entry, 1, rest)
            if count > 0 { return true }
            if count < 0 && lastErrno != EINTR { return true }  // let the next call report the error
            let now = MonotonicClock.now()
            if now >= deadline { return false }
            if timeoutMilliseconds >= 0 { rest = Int32((deadline - now + 999_999) / 1_000_000) }
        }
    }
}
