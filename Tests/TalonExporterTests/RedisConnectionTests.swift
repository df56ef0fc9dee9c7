import Glibc
import TalonPlatform
import TalonRedis
import TalonSettings
import TalonTesting
import Testing

/// Each fault that a Redis can have, by a real one that has it; what no real one sends, by a script.
@Suite struct `A turn with Redis` {
    private let commands = [RedisCommand("SET", ["m:latest", "1"]), RedisCommand("ZADD", ["m:instances", "1", "a"])]

    /// The fault of one turn; nil if all is well.
    private func fault(
        _ address: RedisServer.Address, milliseconds: UInt64 = 10_000, user: String? = nil, password: String? = nil,
        database: Int = 0
    ) -> RedisFault? {
        var server = RedisServer(address: address)
        (server.user, server.password, server.database) = (user, password, database)
        do {
            let deadline = MonotonicClock.now() + milliseconds * 1_000_000
            _ = try RedisConnection(to: server, before: deadline).exchange(commands)
            return nil
        } catch {
            return error
        }
    }

    private func tcp(_ redis: RedisProcess) -> RedisServer.Address { .tcp(host: "127.0.0.1", port: Int(redis.port)) }

    private func tcp(_ server: ScriptedServer) -> RedisServer.Address {
        .tcp(host: "127.0.0.1", port: Int(server.port))
    }

    @Test func `is well by port, by name and by unix socket`() throws {
        let redis = try RedisProcess()
        #expect(fault(tcp(redis)) == nil)
        #expect(fault(.tcp(host: "localhost", port: Int(redis.port)), database: 3) == nil)
        #expect(fault(.unix(path: redis.socket)) == nil)
        #expect(try redis.cli("GET", "m:latest") == "1")
        #expect(try redis.cli("-n", "3", "GET", "m:latest") == "1")
    }

    @Test func `gives back what was answered`() throws {
        let redis = try RedisProcess()
        try redis.cli("RPUSH", "l", "a", "b")
        let connection = try RedisConnection(
            to: RedisServer(address: .unix(path: redis.socket)),
            before: MonotonicClock.now() + 10 * nanosecondsPerSecond)
        let large = [UInt8](repeating: 7, count: 50_000)
        let replies = try connection.exchange([
            RedisCommand("GET", ["absent"]), RedisCommand("LRANGE", ["l", "0", "-1"]), RedisCommand("DBSIZE"),
            RedisCommand("SET", bytes: [Array("k".utf8), large]), RedisCommand("GET", ["k"]),
        ])
        #expect(
            replies == [
                .nothing, .list([.text(Array("a".utf8)), .text(Array("b".utf8))]), .number(1), .text(Array("OK".utf8)),
                .text(large),
            ])
    }

    @Test func `does not reach who is not there`() throws {
        let port = Int(try FreePort.any())
        #expect(fault(.tcp(host: "127.0.0.1", port: port)) == RedisFault(.unreachable, "Connection refused"))
        #expect(fault(.unix(path: "/nonexistent/redis.sock")) == RedisFault(.unreachable, "No such file or directory"))
        #expect(fault(.unix(path: "/" + String(repeating: "x", count: 200)))?.kind == .unreachable)
        #expect(fault(.tcp(host: "no-such-host.invalid", port: port))?.kind == .unreachable)
    }

    @Test func `has one time limit, whatever holds it up`() throws {
        let redis = try RedisProcess()
        let start = MonotonicClock.now()
        redis.signal(SIGSTOP)
        #expect(fault(tcp(redis), milliseconds: 200)?.kind == .timeout)
        redis.signal(SIGCONT)
        try redis.cli("CLIENT", "PAUSE", "20000", "ALL")
        #expect(fault(tcp(redis), milliseconds: 200)?.kind == .timeout)
        // One byte after the other: each within any limit, and never at the end.
        let dripping = try ScriptedServer(says: ":")
        #expect(fault(tcp(dripping), milliseconds: 200)?.kind == .timeout)
        #expect(MonotonicClock.now() - start < 10 * nanosecondsPerSecond)
    }

    @Test func `needs the right password, and no word of it is told`() throws {
        let redis = try RedisProcess(["--requirepass", "correct-horse"])
        #expect(fault(tcp(redis))?.kind == .auth)
        let wrong = fault(tcp(redis), password: "battery-staple")
        #expect(wrong?.kind == .auth && wrong?.reason.contains("WRONGPASS") == true)
        #expect(wrong?.reason.contains("battery") == false)
        #expect(fault(tcp(redis), password: "correct-horse") == nil)
        #expect(fault(tcp(redis), user: "default", password: "correct-horse", database: 1) == nil)
        #expect(fault(tcp(redis), user: "nobody", password: "correct-horse")?.kind == .auth)
    }

    @Test func `tells nothing of the password where AUTH is no command`() throws {
        let redis = try RedisProcess(["--rename-command", "AUTH", "HIDDEN"])
        let refused = fault(tcp(redis), password: "hunter2")
        #expect(refused?.kind == .auth && refused?.reason.contains("hunter2") == false)
    }

    @Test func `needs a user who may write`() throws {
        let redis = try RedisProcess()
        try redis.cli("ACL", "SETUSER", "ann", "on", ">pw", "~m:*", "+select", "+get")
        #expect(fault(tcp(redis), user: "ann", password: "pw")?.kind == .auth)
        try redis.cli("ACL", "SETUSER", "ann", "+set", "+zadd")
        #expect(fault(tcp(redis), user: "ann", password: "pw") == nil)
    }

    @Test func `writes nothing when its database cannot be chosen`() throws {
        let redis = try RedisProcess()
        #expect(fault(tcp(redis), database: 99)?.kind == .refused)
        #expect(try redis.cli("DBSIZE") == "0")
    }

    @Test func `meets a replica, a full Redis, and a key of somebody else's`() throws {
        let redis = try RedisProcess()
        try redis.cli("SET", "m:instances", "not a sorted set")
        #expect(fault(tcp(redis))?.kind == .wrongType)
        try redis.cli("DEL", "m:instances")
        try redis.cli("CONFIG", "SET", "maxmemory", "1")
        #expect(fault(tcp(redis))?.kind == .oom)
        try redis.cli("CONFIG", "SET", "maxmemory", "0")
        try redis.cli("REPLICAOF", "127.0.0.1", "1")
        #expect(fault(tcp(redis))?.kind == .readonly)
        try redis.cli("REPLICAOF", "NO", "ONE")
        #expect(fault(tcp(redis)) == nil)
    }

    @Test func `meets a Redis that still loads`() throws {
        let directory = try TemporaryDirectory()
        var redis: RedisProcess? = try RedisProcess(["--rdbcompression", "no"], in: directory)
        try redis?.cli("EVAL", "for i = 1, 200 do redis.call('SET', 'k' .. i, string.rep('v', 1000)) end", "0")
        try redis?.cli("SAVE")
        let port = try #require(redis?.port)
        redis = nil
        let loading = try RedisProcess(
            port: port, ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"], in: directory,
            waits: false)
        try eventually("it loads") { fault(tcp(loading))?.kind == .loading }
        loading.end()
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", RedisFault.Kind.garbage), ("\0\0\0\0", .garbage),
        ("*2147483647\r\n", .garbage), ("*65\r\n", .garbage), ("*99999999999999999999\r\n", .garbage),
        ("*2\r\n*60\r\n*60\r\n", .garbage), ("$-7\r\n", .garbage), ("$99999999999999999999\r\n", .garbage),
        ("$512000000\r\n", .timeout),
    ]) func `takes no garbage`(says: String, kind: RedisFault.Kind) throws {
        let server = try ScriptedServer(says: says)
        #expect(fault(tcp(server), milliseconds: 300)?.kind == kind)
    }

    @Test func `takes no more than it has room for`() throws {
        let server = try ScriptedServer(says: "$512000000\r\n" + String(repeating: "x", count: 4096), repeats: true)
        #expect(fault(tcp(server))?.kind == .garbage)
    }

    @Test func `may be cut in the middle`() throws {
        for beginning in ["+OK\r\n", "+O", "$10\r\nabc", ""] {
            let server = try ScriptedServer(says: beginning, hangsUp: true)
            #expect(fault(tcp(server))?.kind == .cut, "after \(beginning.debugDescription)")
        }
    }
}
