import Glibc
import TalonPlatform
import TalonTesting
import Testing

extension TalonServer.Options {
    /// With a Redis, and a turn each second.
    fileprivate init(redis port: UInt16, _ others: [String: String] = [:]) {
        self.init()
        environment = [
            "REDIS_ENABLED": "true", "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "\(port)", "REDIS_FORWARD_INTERVAL": "1",
            "TALON_INSTANCE": "web-1",
        ].merging(others) { $1 }
    }
}

extension RedisProcess {
    /// The page that was forwarded last; nil if there is none.
    fileprivate func page(_ key: String = "gunicorn_metricslatest") throws -> MetricsPage? {
        let text = try cli("GET", key)
        return text.isEmpty ? nil : try MetricsPage(text)
    }
}

private let failed = "Redis: Failed to forward metrics to"

@Suite(.serialized) struct `Forwarding to Redis` {
    @Test func `is by keys of the guide and of the instance, within their times`() throws {
        let redis = try RedisProcess()
        let options = TalonServer.Options(redis: redis.port, ["REDIS_KEY_PREFIX": "p", "REDIS_TTL_SECONDS": "40"])
        try serving("app:app", in: try applicationDirectory(), options: options) { server in
            for _ in 0..<5 { _ = try server.client.get("/") }
            try eventually("the requests are in Redis") {
                try redis.page("platest")?.sum("gunicorn_worker_requests_total") ?? 0 >= 5
            }
            try server.waitForLog("Connected to Redis at 127.0.0.1:\(redis.port)")
            #expect(try redis.cli("TTL", "platest") == "-1" && redis.cli("TTL", "pmetadata") == "-1")
            #expect(
                try redis.cli("GET", "pmetadata").contains(#""interval": 1, "forwarder": "redis", "instance": "web-1""#)
            )
            // They live for moments only.
            let dated = try eventually("a dated key") {
                let keys = try redis.cli("KEYS", "p1*").split(separator: "\n")
                return keys.isEmpty ? nil : keys
            }
            #expect(dated.count <= 4, "\(dated)")
            #expect(try redis.cli("ZRANGE", "p:instances", "0", "-1") == "web-1")
            let left = try #require(Int(try redis.cli("TTL", "p:instance:web-1")))
            #expect((30...40).contains(left))
            #expect(try redis.cli("STRLEN", "p:instance:web-1") != "0")
            let page = try server.metrics()
            #expect(page.value("talon_redis_up") == 1)
            #expect(page.value("talon_redis_last_success_timestamp_seconds") ?? 0 > 1_700_000_000)
            #expect(page.value("talon_redis_forwards_total", ["outcome": "ok"]) ?? 0 >= 1)
            #expect(page.value("talon_redis_forwards_total", ["outcome": "unreachable"]) == 0)
            #expect(page.value("talon_redis_forward_seconds_count") ?? 0 >= 1)
        }
    }

    @Test func `has a last turn when the server ends`() throws {
        let redis = try RedisProcess()
        let options = TalonServer.Options(redis: redis.port, ["REDIS_FORWARD_INTERVAL": "1000"])
        try serving("app:app", in: try applicationDirectory(), options: options) { server in
            try server.waitForLog("Connected to Redis")
            for _ in 0..<5 { _ = try server.client.get("/") }
        }
        #expect(try redis.page()?.sum("gunicorn_worker_requests_total") ?? 0 >= 5)
    }

    @Test func `asks for nothing on behalf of a request`() throws {
        let redis = try RedisProcess()
        let options = TalonServer.Options(redis: redis.port, ["REDIS_FORWARD_INTERVAL": "1000"])
        try serving("app:app", in: try applicationDirectory(), options: options) { server in
            try server.waitForLog("Connected to Redis")
            func commands() throws -> String {
                try redis.cli("INFO", "commandstats").split(whereSeparator: \.isNewline).filter {
                    !$0.contains("_info:")
                }
                .joined(separator: "\n")
            }
            let before = try commands()
            for _ in 0..<200 { #expect(try server.client.get("/").status == 200) }
            #expect(try commands() == before)
        }
    }

    @Test func `shows the password to no one who does not need it`() throws {
        let redis = try RedisProcess(["--requirepass", "correct-horse"])
        let port = redis.port
        let options = TalonServer.Options(
            redis: port, ["REDIS_PASSWORD": "battery-staple", "REDIS_URL": "redis://:correct-horse@127.0.0.1:\(port)"])
        try serving("app:app", "--log-level", "debug", in: try applicationDirectory(), options: options) { server in
            try server.waitForLog("Connected to Redis at 127.0.0.1:\(port)")
            let secrets = ["correct-horse", "battery-staple"]
            let exporter = try server.exporter()
            #expect(exporter.environment.contains("REDIS_ENABLED=true"))
            func knows(_ process: ProcessEntry) -> Bool {
                process.environment.contains { entry in secrets.contains { entry.contains($0) } }
            }
            // Who runs the application has the environment as the user gave it: docs/decisions/0054.
            let master = try #require(server.master)
            let workers = server.workers()
            #expect(knows(master) && !workers.isEmpty && workers.allSatisfy { knows($0) })
            #expect(!knows(exporter) && !server.children(.hookRunner).contains { knows($0) })
            let processes = [master] + server.descendants()
            #expect(processes.count >= 3)
            for secret in secrets {
                #expect(!server.log.contains(secret) && !server.standardOutput.contains(secret))
                for process in processes { #expect(!process.commandLine.contains(secret)) }
                #expect(try !HTTPClient(.tcp("127.0.0.1", server.metricsPort)).get("/metrics").text.contains(secret))
            }
        }
    }

    @Test func `ends no start, and catches up, when Redis is down, refuses, and is there at last`() throws {
        let port = try FreePort.any()
        let options = TalonServer.Options(redis: port, ["REDIS_PASSWORD": "correct-horse"])
        try serving("app:app", in: try applicationDirectory(), options: options) { server in
            try server.waitForLog("\(failed) 127.0.0.1:\(port): Connection refused")
            #expect(try server.metrics().value("talon_redis_up") == 0)
            for _ in 0..<3 { #expect(try server.client.get("/").status == 200) }
            do {
                let wrong = try RedisProcess(port: port, ["--requirepass", "another"])
                try server.waitForLog("\(failed) 127.0.0.1:\(port): WRONGPASS")
                wrong.end()
            }
            let redis = try RedisProcess(port: port)
            try redis.cli("CONFIG", "SET", "requirepass", "correct-horse")
            try server.waitForLog("Connected to Redis at 127.0.0.1:\(port)", within: .seconds(60))
            try eventually("it has caught up") {
                let page = try server.metrics()
                return page.value("talon_redis_up") == 1
                    && page.value("talon_redis_forwards_total", ["outcome": "auth"]) ?? 0 > 0
            }
        }
    }

    @Test func `holds nothing up while Redis is stopped`() throws {
        let redis = try RedisProcess()
        try serving("app:app", in: try applicationDirectory(), options: TalonServer.Options(redis: redis.port)) {
            server in
            try server.waitForLog("Connected to Redis")
            redis.signal(SIGSTOP)
            defer { redis.signal(SIGCONT) }
            let load = try Load(server.endpoint)
            try server.waitForLog("\(failed) 127.0.0.1:\(redis.port): no answer in time")
            // A turn waits for Redis nearly always; pages are made all the same.
            for _ in 0..<5 { #expect(try server.metrics().value("talon_redis_up") == 0) }
            try eventually("requests are answered") { load.answers > 100 }
            #expect(try load.stop() == [])
            redis.signal(SIGCONT)
            try server.waitForLogs("Connected to Redis", count: 2)
        }
    }

    @Test func `loses nothing when Redis is killed again and again under load`() throws {
        let port = try FreePort.any()
        try serving("app:app", in: try applicationDirectory(), workers: 2, options: TalonServer.Options(redis: port)) {
            server in
            let load = try Load(server.endpoint)
            for _ in 0..<(TestEnvironment.variable("TALON_TEST_REDIS_KILLS").flatMap { Int($0) } ?? 4) {
                let redis = try RedisProcess(port: port)
                try eventually("a turn reaches it") { try redis.page() != nil }
                redis.end()
            }
            let redis = try RedisProcess(port: port)
            #expect(try load.stop() == [])
            try eventually("the totals are exact") {
                guard let forwarded = try redis.page() else { return false }
                let (there, here) = (
                    forwarded.sum("gunicorn_worker_requests_total"),
                    try server.metrics().sum("gunicorn_worker_requests_total")
                )
                return there == here && here >= Double(load.answers)
            }
            // A line for each change of state, not for each try.
            let lines = server.logLines.filter { $0.contains(failed) || $0.contains("Connected to Redis") }
            let repeated = zip(lines, lines.dropFirst()).filter {
                $0.0.split(separator: "]").last == $0.1.split(separator: "]").last
            }
            #expect(repeated.isEmpty, "\(repeated)")
        }
    }

    @Test(arguments: [
        ("REDIS_URL", "rediss://h:1", "no TLS to Redis"),
        ("REDIS_URL", "redis://:hunter2@h:x", "redis_url: has no valid host"),
        ("REDIS_USERNAME", "ann", "redis_username: a user is named and no password"),
        ("TALON_INSTANCE", String(repeating: "x", count: 300), "instance: is longer than 200 bytes"),
    ]) func `refuses settings that cannot be meant, before anything is bound`(
        name: String, value: String, message: String
    ) throws {
        let options = TalonServer.Options(redis: 1, [name: value])
        let server = try TalonServer(["app:app"], in: try applicationDirectory(), options: options)
        #expect(try server.waitForExit() == .exited(1))
        #expect(server.log.contains(message) && !server.log.contains("hunter2"), "\(server.log)")
    }
}
