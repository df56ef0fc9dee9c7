import Glibc
import TalonPlatform
import TalonTesting

/// A client of a control socket that keeps to its protocol as far as the test wants.
final class ControlConversation {
    let socket: FileDescriptor

    init(_ path: String) throws {
        guard let name = UnixSocketName(path) else { throw TestFailure("no socket is called \(path)") }
        socket = try name.connect(before: MonotonicClock.now() + 20 * nanosecondsPerSecond)
    }

    deinit { socket.close() }

    /// Bytes as they are. False if the other side has ended the connection.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Signal.pipe.ignore()
        return socket.writeAll(bytes, before: MonotonicClock.now() + 20 * nanosecondsPerSecond)
    }

    func send(frame text: String) { send(ControlConversation.frame(text)) }

    static func frame(_ text: String) -> [UInt8] {
        let length = UInt32(text.utf8.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + Array(text.utf8)
    }

    /// The whole reply.
    func receive(within seconds: Int32 = 20) throws -> JSON {
        let head = try read(4, seconds)
        return try JSON(try read(head.reduce(0) { $0 << 8 | Int($1) }, seconds))
    }

    private func read(_ count: Int, _ seconds: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard socket.waitUntil(POLLIN, timeoutMilliseconds: seconds * 1000) else {
                throw TestFailure("no reply within \(seconds) s")
            }
            guard try socket.read(upTo: count - bytes.count, into: &bytes) > 0 else {
                throw TestFailure("the server has ended the connection")
            }
        }
        return bytes
    }

    func reply(to command: String, _ arguments: JSON...) throws -> JSON { try reply(to: command, with: arguments) }

    /// The data of a reply that must be "ok".
    func ask(_ command: String, _ arguments: JSON...) throws -> JSON {
        let reply = try reply(to: command, with: arguments)
        guard reply["status"]?.string == "ok", let data = reply["data"] else {
            throw TestFailure("\(command): \(reply.encoded)")
        }
        return data
    }

    private func reply(to command: String, with arguments: [JSON]) throws -> JSON {
        send(frame: JSON.object([("id", .number(7)), ("command", .text(command)), ("args", .list(arguments))]).encoded)
        return try receive()
    }

    /// The server ends the connection within the time.
    func ends(within seconds: Int32 = 20) -> Bool {
        let deadline = Deadline(.seconds(Int(seconds)))
        while !deadline.isOver {
            guard socket.waitUntil(POLLIN, timeoutMilliseconds: deadline.milliseconds) else { return false }
            var bytes: [UInt8] = []
            guard let count = try? socket.read(upTo: 65536, into: &bytes), count > 0 else { return true }
        }
        return false
    }
}

extension TalonServer {
    /// The socket that a server of a test has by itself: its home is its folder.
    var controlSocket: String { directory.file(".gunicorn/gunicorn.ctl") }

    func control() throws -> ControlConversation { try ControlConversation(controlSocket) }

    /// `talon ctl`, as the server's user calls it.
    func ctl(_ words: String..., within allowed: Duration = .seconds(60)) throws -> CommandResult {
        try run(
            try TestEnvironment.binary(), ["ctl"] + words,
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path], directory: directory.path, within: allowed)
    }

    /// The reply that `talon ctl --json` prints.
    func ctlJSON(_ words: String...) throws -> JSON {
        let result = try run(
            try TestEnvironment.binary(), ["ctl", "--json"] + words,
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path], directory: directory.path)
        guard result.end == .exited(0) else { throw TestFailure("\(words): \(result.output)\(result.error)") }
        return try JSON(Array(result.output.utf8))
    }
}
