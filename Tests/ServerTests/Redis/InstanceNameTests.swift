import Glibc
import TalonPlatform
import TalonTesting
import Testing

@Suite(.serialized) struct `The name of an instance` {
    /// What two servers are called in one Redis that have the same `arguments`, each in a folder of its own; `launchers`
    /// begin their commands.
    private func namesOfTwo(
        _ arguments: [String], launchers: [[String]] = [[], []], expected: ([TalonServer]) throws -> [String]
    ) throws {
        let redis = try RedisProcess()
        let servers = try launchers.map { launcher in
            var options = TalonServer.Options()
            options.environment = ["REDIS_ENABLED": "true", "REDIS_HOST": redis.socket, "REDIS_FORWARD_INTERVAL": "1"]
            options.launcher = launcher
            options.binds = false
            return try TalonServer(["app:app"] + arguments, in: try applicationDirectory(), options: options)
        }
        try withLog(of: servers[0]) {
            try withLog(of: servers[1]) {
                for server in servers { try server.waitForLog("Connected to Redis") }
                let names = try redis.cli("ZRANGE", "gunicorn_metrics:instances", "0", "-1").split(separator: "\n")
                let places = try expected(servers)
                #expect(Set(names.map(String.init)) == Set(places.map { "\(Machine.hostName)/\($0)" }))
                #expect(Set(places).count == 2)
            }
        }
    }

    @Test func `has the port that the kernel has chosen`() throws {
        try namesOfTwo(["-b", "127.0.0.1:0"]) { servers in
            try servers.map { server in
                let line = try server.waitForLog("Listening at: http://")
                let match = try #require(line.firstMatch(of: #/http://(127\.0\.0\.1:[1-9][0-9]*)/#))
                return String(match.output.1)
            }
        }
    }

    @Test func `has the whole path of a unix socket`() throws {
        try namesOfTwo(["-b", "unix:app.sock"]) { servers in
            servers.map { "unix:\($0.directory.path)/app.sock" }
        }
    }

    @Test func `has the port of the service manager's socket`() throws {
        let ports = try [FreePort.any(), FreePort.any()]
        let activation = [try TestEnvironment.python(), Repository.fixture("activate.py")]
        try namesOfTwo([], launchers: ports.map { activation + ["\($0)"] }) { servers in
            for server in servers {
                // The process that plays the manager.
                if let pid = server.directory.text("holder.pid").flatMap({ Int32($0) }) { kill(pid, SIGKILL) }
            }
            return ports.map { "127.0.0.1:\($0)" }
        }
    }

    @Test func `is the same after a binary upgrade`() throws {
        let redis = try RedisProcess()
        var options = TalonServer.Options()
        options.environment = ["REDIS_ENABLED": "true", "REDIS_HOST": redis.socket, "REDIS_FORWARD_INTERVAL": "1"]
        let port = try FreePort.any()
        options.port = port
        let arguments = ["app:app", "-b", "localhost:\(port)", "--pid", "talon.pid"]
        let server = try TalonServer(arguments, in: try applicationDirectory(), options: options)
        try withLog(of: server) { try server.upgradeTheForwarder() }
        let names = try redis.cli("ZRANGE", "gunicorn_metrics:instances", "0", "-1")
        #expect(names == "\(Machine.hostName)/127.0.0.1:\(port)")
    }
}

extension TalonServer {
    /// Returns when a second master, begun by USR2, has forwarded and is gone again.
    fileprivate func upgradeTheForwarder() throws {
        try waitForLog("Connected to Redis")
        signal(SIGUSR2)
        let pid = try eventually("the second master has its pid file") {
            directory.text("talon.pid.2").flatMap { Int32($0.filter(\.isNumber)) }
        }
        try waitForLogs("Connected to Redis", count: 2)
        kill(pid, SIGTERM)
        try eventually("the second master is gone") { ProcessEntry(pid) == nil }
    }
}
