import CTalonPlatform
import Glibc

/// A pipe for short texts that children send to this process; pipe(7). Whoever may write to it is not trusted.
///
/// Each text ends with a NUL and comes in one write of at most PIPE_BUF bytes, so that those of several writers do not
/// mix.
package final class NotePipe {
    /// Readable when there are texts; non-blocking.
    package let descriptor: FileDescriptor
    /// For the children; blocking.
    package let writer: FileDescriptor
    private var rest: [UInt8] = []

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("pipe") }
        for end in ends { _ = talon_set_close_on_exec(end, 1) }
        descriptor = FileDescriptor(rawValue: ends[0])
        writer = FileDescriptor(rawValue: ends[1])
        _ = talon_set_nonblocking(ends[0])
    }

    deinit {
        descriptor.close()
        writer.close()
    }

    /// The texts that have come, bounded; the others are for the next call. Waits for nothing.
    package func take() -> [String] {
        _ = try? descriptor.read(upTo: 65536, into: &rest)
        var texts: [String] = []
        var start = 0
        for (index, byte) in rest.enumerated() where byte == 0 {
            texts.append(String(decoding: rest[start..<index], as: UTF8.self))
            start = index + 1
        }
        rest.removeFirst(start)
        // No honest writer leaves so much without an end.
        if rest.count > Int(PIPE_BUF) { rest = [] }
        return texts
    }
}
