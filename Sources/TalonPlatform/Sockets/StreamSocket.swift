import CTalonPlatform
import Glibc

/// What came of an attempt to write to a socket.
package enum SendOutcome: Equatable, Sendable {
    case sent(Int)
    /// The other side does not take more now.
    case wouldBlock
    /// The connection is broken.
    case failed
}

/// A connection that was accepted, and who is at its other end.
package struct AcceptedSocket: Sendable {
    package let descriptor: FileDescriptor
    package let peer: SocketName
}

extension FileDescriptor {
    /// recv(2), once.
    @inline(__always)
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReceiveOutcome {
        let count = retrying { recv(rawValue, buffer.baseAddress, buffer.count, 0) }
        if count > 0 { return .received(count) }
        if count == 0 { return .ended }
        return lastErrno == EAGAIN ? .wouldBlock : .failed
    }

    /// send(2), once, without SIGPIPE.
    package func send(_ bytes: Span<UInt8>) -> SendOutcome {
        send(bytes, flags: Int32(MSG_NOSIGNAL))
    }

    /// send(2), once, with these flags.
    @inline(__always)
    func send(_ bytes: Span<UInt8>, flags: Int32) -> SendOutcome {
        let count = bytes.withUnsafeBytes { buffer in
            retrying { Glibc.send(rawValue, buffer.baseAddress, buffer.count, flags) }
        }
        if count >= 0 { return .sent(count) }
        return lastErrno == EAGAIN ? .wouldBlock : .failed
    }

    /// Two pieces in one system call; sendmsg(2).
    package func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> SendOutcome {
        let count = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var pieces = (
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
                )
                return withUnsafeMutableBytes(of: &pieces) { buffer in
                    var message = msghdr()
                    message.msg_iov = buffer.assumingMemoryBound(to: iovec.self).baseAddress
                    message.msg_iovlen = 2
                    return retrying { sendmsg(rawValue, &message, Int32(MSG_NOSIGNAL)) }
                }
            }
        }
        if count >= 0 { return .sent(count) }
        return lastErrno == EAGAIN ? .wouldBlock : .failed
    }

    /// Says that nothing more will be sent; shutdown(2).
    package func shutdownSending() {
        _ = shutdown(rawValue, Int32(SHUT_WR))
    }

    /// Makes close(2) reset the connection, so that the other side does not take its end for the end of the data.
    package func resetOnClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(rawValue, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// The other side sends nothing more, and nothing that it has sent is unread.
    package var hasEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(rawValue, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// A duplicate, close-on-exec; nil if there are no more descriptors.
    package func duplicate() -> FileDescriptor? {
        let raw = talon_duplicate(rawValue)
        return raw < 0 ? nil : FileDescriptor(rawValue: raw)
    }
}

/// What came of an attempt to accept.
package enum AcceptOutcome: Sendable {
    case accepted(AcceptedSocket)
    /// Nobody waits, or another worker was faster.
    case none
    /// The socket does not listen any more: shutdown(2).
    case ended
    /// This process or the machine has no descriptors left; waiting is all that helps.
    case exhausted(errno: Int32)
}

extension Listener {
    /// accept4(2), once: non-blocking and close-on-exec.
    package func accept() -> AcceptOutcome {
        var storage = sockaddr_storage()
        let raw = talon_accept(descriptor.rawValue, &storage)
        if raw >= 0 {
            return .accepted(
                AcceptedSocket(descriptor: FileDescriptor(rawValue: raw), peer: SocketName(storage)))
        }
        switch lastErrno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno: lastErrno)
        case EINVAL: return .ended
        default: return .none  // EAGAIN, or a connection that broke before we came
        }
    }
}

extension FileDescriptor {
    /// recv(2), once, at most so many bytes, behind what `target` holds.
    package func receive(into target: inout OutputRawSpan, atMost limit: Int) -> ReceiveOutcome {
        target.withUnsafeMutableBytes { buffer, initialized in
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[initialized...].prefix(limit))
            let outcome = receive(into: room)
            if case .received(let count) = outcome { initialized += count }
            return outcome
        }
    }
}

extension OutputRawSpan {
    /// Adds bytes behind what is there; what does not fit is left out.
    package mutating func append(_ bytes: Span<UInt8>) {
        withUnsafeMutableBytes { buffer, initialized in
            bytes.withUnsafeBytes { source in
                let count = min(source.count, buffer.count - initialized)
                guard count > 0, let from = source.baseAddress, let to = buffer.baseAddress else { return }
                memcpy(to + initialized, from, count)
                initialized += count
            }
        }
    }
}
