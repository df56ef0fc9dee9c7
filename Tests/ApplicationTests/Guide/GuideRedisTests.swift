import TalonTesting
import Testing

/// The guide's "Redis Integration Setup", with a real Redis.
@Suite(.serialized) struct `The guide's setup with Redis (S05)` {
    private func environment(_ port: UInt16) -> [String: String] { ["REDIS_PORT": "\(port)"] }

    @Test func `forwards at once, and serves metrics too`() throws {
        let redis = try RedisProcess()
        let guide = try GuideServer("redis", environment: environment(redis.port))
        try guide.whenReady(workers: 4) { server in
            try server.waitForLog("Connected to Redis at localhost:\(redis.port)")
            let text = try redis.cli("GET", "gunicorn_metricslatest")
            #expect(try MetricsPage(text).all("talon_build_info").count == 1)
            let dated = try redis.cli("KEYS", "gunicorn_metrics1*")
            #expect((80...90).contains(Int(try redis.cli("TTL", dated)) ?? 0), "\(dated)")
            #expect(try redis.cli("GET", "gunicorn_metricsmetadata").contains(#""interval": 30"#))
            let instance = try redis.cli("ZRANGE", "gunicorn_metrics:instances", "0", "-1")
            #expect(instance.hasSuffix("/0.0.0.0:\(server.port)"), "\(instance)")
            for _ in 0..<10 { _ = try server.client.get("/") }
            try eventually("they are counted") { try server.metrics().sum("gunicorn_worker_requests_total") >= 10 }
        }
    }

    @Test func `serves on without Redis, and says so once`() throws {
        let port = try FreePort.any()
        let guide = try GuideServer("redis", environment: environment(port))
        try guide.whenReady(workers: 4) { server in
            try server.waitForLog("Redis: Failed to forward metrics to localhost:\(port): Connection refused")
            for _ in 0..<10 { #expect(try server.client.get("/").status == 200) }
            try eventually("it is tried again") {
                let tries = try server.metrics().value("talon_redis_forwards_total", ["outcome": "unreachable"])
                return tries ?? 0 >= 3
            }
            #expect(server.logLines.filter { $0.contains("Failed to forward") }.count == 1)
        }
    }

    /// The later package's way, in its words: a sidecar serves what the application has left in Redis.
    @Test func `takes the variables and hooks of the later package`() throws {
        let redis = try RedisProcess()
        let directory = try TemporaryDirectory()
        for file in ["app.py", "config.py"] { try directory.copy(fixture: "guide/\(file)") }
        try directory.write(
            """
            from gunicorn_prometheus_exporter import redis_sidecar_when_ready as when_ready
            worker_class = "gunicorn_prometheus_exporter.PrometheusWorker"

            """, to: "gunicorn.conf.py")
        var options = TalonServer.Options()
        options.environment = [
            "REDIS_ENABLED": "true", "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "\(redis.port)",
            "REDIS_TTL_SECONDS": "300",
            "REDIS_KEY_PREFIX": "gunicorn",
        ]
        try serving("app:app", in: directory, options: options) { server in
            try server.waitForLog("Connected to Redis at 127.0.0.1:\(redis.port)")
            #expect(try redis.cli("GET", "gunicornmetadata").contains(#""interval": 5"#))
        }
    }
}
