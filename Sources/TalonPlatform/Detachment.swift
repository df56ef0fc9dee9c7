import CTalonPlatform
import Glibc

/// A process that has left its terminal and its parent: a daemon by the book, daemon(7).
///
/// Whoever started it waits in ``begin(keepingStreams:)`` until the daemon says how the start went, and ends with that
/// status. Only while the process has one thread.
package final class Detachment {
    /// Where the status goes: one byte.
    private let socket: FileDescriptor
    /// The starter's standard error.
    private let terminal: FileDescriptor
    private var isOver = false

    private init(socket: FileDescriptor, terminal: FileDescriptor) {
        self.socket = socket
        self.terminal = terminal
    }

    /// Forks twice, with a session of its own between. Returns in the daemon alone.
    ///
    /// The standard streams become /dev/null unless `keepingStreams`.
    package static func begin(keepingStreams: Bool) throws(SystemError) -> Detachment {
        let (reading, writing) = try SocketPair.open()
        let terminal = FileDescriptor(rawValue: talon_duplicate(2))
        let null = try FileDescriptor.open("/dev/null", flags: O_RDWR)
        guard try fork() else {
            writing.close()
            follow(reading)
        }
        reading.close()
        setsid()
        // A second time, so that it can never get a terminal again.
        guard try fork() else { _exit(0) }
        umask(0o022)
        if !keepingStreams {
            for stream in Int32(0)...2 where dup2(null.rawValue, stream) < 0 { throw .last("dup2", "/dev/null") }
        }
        null.close()
        return Detachment(socket: writing, terminal: terminal)
    }

    /// True in the child, false in the parent.
    private static func fork() throws(SystemError) -> Bool {
        let pid = talon_fork()
        guard pid >= 0 else { throw .last("fork") }
        return pid == 0
    }

    /// The starter's end: exits with what comes, or with 1 if the daemon has gone without a word.
    private static func follow(_ socket: FileDescriptor) -> Never {
        var bytes: [UInt8] = []
        _ = try? socket.read(upTo: 1, into: &bytes)
        _exit(Int32(bytes.first ?? 1))
    }

    /// Tells the starter how the start went, and what went wrong. Later calls do nothing.
    package func end(status: Int32, message: String = "") {
        guard !isOver else { return }
        isOver = true
        if !message.isEmpty { terminal.writeAll(Array("\(message)\n".utf8)) }
        socket.writeAll([UInt8(truncatingIfNeeded: status)])
        socket.close()
        terminal.close()
    }
}
