import CTalonRedis
import TalonPlatform
package import TalonSettings

/// A connection to Redis for one turn: it is opened, used, and closed. One thread at a time.
///
/// All of it has one deadline, whatever the server does: see docs/decisions/0054.
package final class RedisConnection {
    private let redis: OpaquePointer
    private let socket: FileDescriptor
    private let deadline: UInt64
    private let limits: Limits

    /// What replies may be in all, for a server that is not what it should be.
    package struct Limits: Sendable {
        let bytes: Int
        /// Of lists.
        let elements: Int

        package init(bytes: Int, elements: Int) {
            self.bytes = bytes
            self.elements = elements
        }

        /// For commands that are answered with a word.
        package static let words = Limits(bytes: 1 << 16, elements: 64)
    }

    /// Connects, says who it is, and picks the database. `deadline`: CLOCK_MONOTONIC, for all that is done with it; only
    /// the resolution of the host's name takes as long as the system's resolver lets it.
    package init(to server: RedisServer, limits: Limits = .words, before deadline: UInt64) throws(RedisFault) {
        let opened =
            switch server.address {
            case .tcp(let host, let port): talon_redis_connect(host, Int32(port))
            case .unix(let path): talon_redis_connect_unix(path)
            }
        guard let opened else { throw RedisFault(.unreachable, SystemError.text(of: lastErrno)) }
        redis = opened
        socket = FileDescriptor(rawValue: talon_redis_socket(opened))
        self.deadline = deadline
        self.limits = limits
        guard socket.rawValue >= 0 else { throw RedisFault(.unreachable, String(cString: talon_redis_error(opened))) }
        guard PollSet.waits(for: socket, .room, before: deadline) else {
            throw RedisFault(.timeout, "no connection in time")
        }
        let failure = talon_redis_connection_errno(opened)
        guard failure == 0 else { throw RedisFault(.unreachable, SystemError.text(of: failure)) }
        // Before anything else is sent: what follows a refused AUTH or SELECT would be done as somebody else, or
        // somewhere else.
        if !server.greeting.isEmpty { _ = try exchange(server.greeting) }
    }

    deinit { talon_redis_close(redis) }

    /// Sends commands in one go, and returns what they are answered. Throws the first refusal; all replies are read first.
    package func exchange(_ commands: [RedisCommand]) throws(RedisFault) -> [RedisReply] {
        var replies: [RedisReply] = []
        var refusal: RedisFault?
        try exchange(commands) { index, reply in
            if case .refusal(let text) = reply, refusal == nil {
                refusal = RedisFault(refusal: text, of: commands[index])
            }
            replies.append(reply)
        }
        if let refusal { throw refusal }
        return replies
    }

    /// The same for many large replies, which are not held all at once: `take` gets each, with the command's index.
    package func exchange(_ commands: [RedisCommand], take: (Int, RedisReply) -> Void) throws(RedisFault) {
        for command in commands {
            let bytes = Array(command.words.joined())
            guard talon_redis_append(redis, bytes, command.words.map(\.count), command.words.count) == 1 else {
                throw RedisFault(.unreachable, "no memory for a command")
            }
        }
        try send()
        talon_redis_allow(redis, limits.bytes, limits.elements)
        for index in commands.indices { take(index, try reply()) }
    }

    private func send() throws(RedisFault) {
        while true {
            switch talon_redis_write(redis) {
            case 1: return
            case 0:
                guard PollSet.waits(for: socket, .room, before: deadline) else {
                    throw RedisFault(.timeout, "it does not take what is sent")
                }
            default: throw RedisFault(.cut, String(cString: talon_redis_error(redis)))
            }
        }
    }

    private func reply() throws(RedisFault) -> RedisReply {
        var found: OpaquePointer?
        while true {
            guard talon_redis_next(redis, &found) >= 0 else {
                throw RedisFault(.garbage, String(cString: talon_redis_error(redis)))
            }
            if let found {
                defer { talon_redis_free_reply(found) }
                return RedisReply(found)
            }
            guard PollSet.waits(for: socket, before: deadline) else { throw RedisFault(.timeout, "no answer in time") }
            switch talon_redis_read(redis) {
            case 1: break
            case 0: throw RedisFault(.cut, String(cString: talon_redis_error(redis)))
            default: throw RedisFault(.garbage, "an answer of more than \(limits.bytes) bytes")
            }
        }
    }
}

extension RedisServer {
    /// What opens a connection; nothing where the defaults do.
    fileprivate var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            let words = (user.map { [$0] } ?? []) + [password]
            commands.append(RedisCommand("AUTH", bytes: words.map { Array($0.utf8) }, isSecret: true))
        }
        if database != 0 { commands.append(RedisCommand("SELECT", ["\(database)"])) }
        return commands
    }
}
