import CTalonPlatform
import Glibc

/// What came of an attempt to send a part of a file.
package enum FileSendOutcome: Equatable, Sendable {
    /// So many bytes; 0: the file has ended.
    case sent(Int)
    /// The other side does not take more now.
    case wouldBlock
    /// The kernel cannot send this file on this socket: it is to be read.
    case unsuited
    /// The file cannot be read.
    case unreadable
    /// The connection is broken.
    case failed
}

extension FileDescriptor {
    /// sendfile(2), once, from a place of the file that its own position knows nothing of.
    package func send(file: FileDescriptor, at offset: Int64, count: Int) -> FileSendOutcome {
        let count = retrying { talon_sendfile(rawValue, file.rawValue, off_t(offset), count) }
        if count >= 0 { return .sent(count) }
        switch lastErrno {
        case EAGAIN: return .wouldBlock
        case EINVAL, ENOSYS, EOPNOTSUPP, ESPIPE: return .unsuited
        case EBADF, EIO, EOVERFLOW, EACCES, EPERM, EISDIR: return .unreadable
        default: return .failed
        }
    }

    /// send(2), once, without SIGPIPE, of bytes that others follow at once.
    package func sendAhead(_ bytes: Span<UInt8>) -> SendOutcome {
        send(bytes, flags: Int32(MSG_NOSIGNAL) | Int32(MSG_MORE))
    }
}

extension FileDescriptor {
    /// pread(2), once: up to `limit` bytes from `offset`, none at the end of the file. nil if it cannot be read.
    package func read(at offset: Int64, upTo limit: Int) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            count = retrying { pread(rawValue, buffer.baseAddress, limit, off_t(offset)) }
            filled = max(count, 0)
        }
        return count < 0 ? nil : bytes
    }
}
