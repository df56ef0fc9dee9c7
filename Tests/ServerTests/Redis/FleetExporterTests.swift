import Glibc
import TalonTesting
import Testing

/// A running `talon exporter`; ends when the test lets go of it.
private final class FleetProcess {
    let port: UInt16
    let process: SpawnedProcess
    private let directory: TemporaryDirectory

    init(_ words: [String], _ environment: [String: String] = [:], port: UInt16? = nil) throws {
        directory = try TemporaryDirectory()
        self.port = try port ?? FreePort.any()
        var launch = Launch(
            try TestEnvironment.binary(), ["exporter"] + words + ["--port", "\(self.port)", "--bind", "127.0.0.1"],
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
        launch.error = directory.file("log")
        process = try SpawnedProcess(launch)
        try eventually("it answers: \(log)") { (try? HTTPClient(.tcp("127.0.0.1", self.port)).get("/healthz")) != nil }
    }

    deinit {
        process.signal(SIGKILL)
        _ = try? process.wait(within: .seconds(10))
    }

    var log: String { directory.text("log") ?? "" }

    func get(_ target: String = "/metrics") throws -> HTTPResponse {
        try HTTPClient(.tcp("127.0.0.1", port)).get(target)
    }
    func page() throws -> MetricsPage { try MetricsPage(try get().text) }
}

private func options(_ redis: RedisProcess, _ instance: String) -> TalonServer.Options {
    var options = TalonServer.Options()
    options.environment = [
        "REDIS_ENABLED": "true", "REDIS_HOST": redis.socket, "REDIS_FORWARD_INTERVAL": "1", "TALON_INSTANCE": instance,
    ]
    return options
}

private let requests = "gunicorn_worker_requests_total"

@Suite(.serialized) struct `A fleet exporter` {
    @Test func `shows what two servers have counted, as often as there are exporters`() throws {
        let redis = try RedisProcess()
        let environment = ["REDIS_ENABLED": "true", "REDIS_HOST": redis.socket]
        let exporters = try (0..<2).map { _ in try FleetProcess([], environment) }
        try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-1")) { one in
            try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-2")) { two in
                for _ in 0..<5 { _ = try one.client.get("/") }
                for _ in 0..<9 { _ = try two.client.get("/") }
                for exporter in exporters {
                    try eventually("all is counted") {
                        let page = try exporter.page()
                        let counts = try [(one, "web-1"), (two, "web-2")].map { server, name in
                            (page.sum(requests, ["instance": name]), try server.metrics().sum(requests))
                        }
                        return counts.allSatisfy { $0 == $1 && $0 >= 5 } && page.value("talon_fleet_instances") == 2
                    }
                }
                let (first, second) = try (exporters[0].page(), exporters[1].page())
                #expect(first.sum(requests) == second.sum(requests))
                #expect(try Promtool.complaints(about: exporters[0].get().body).contains("error") == false)
                #expect(first.value("gunicorn_sidecar_redis_connected") == 1)
                #expect(first.all("talon_build_info").count == 2)
            }
        }
    }

    @Test func `adds up, also over a server that starts anew`() throws {
        let redis = try RedisProcess()
        let environment = ["REDIS_HOST": redis.socket]
        let exporters = try (0..<2).map { _ in try FleetProcess(["--from", "redis", "--aggregate"], environment) }
        func totals() throws -> [Double] { try exporters.map { try $0.page().sum(requests) } }
        try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-1")) { one in
            var ended = 0.0
            // Also when a run has counted more than the one before by the time it is seen.
            for count in [10, 30, 2] {
                try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-2")) { two in
                    for _ in 0..<count { _ = try two.client.get("/") }
                    _ = try one.client.get("/")
                    try eventually("all is counted") {
                        let counted = try one.metrics().sum(requests) + two.metrics().sum(requests) + ended
                        return try totals() == [counted, counted]
                    }
                    ended += try two.metrics().sum(requests)
                    let page = try exporters[0].page()
                    #expect(page.all(requests).allSatisfy { $0.labels["instance"] == nil })
                    #expect(page.all("talon_workers", ["state": "ready"]).count == 2)
                    #expect(try Promtool.complaints(about: exporters[0].get().body).contains("error") == false)
                }
            }
            // One that is started now knows what has ended from Redis.
            try redis.cli("DEL", "gunicorn_metrics:instance:web-2")
            for exporter in exporters { _ = try exporter.page() }
            let late = try FleetProcess(["--from", "redis", "--aggregate"], environment)
            try eventually("it shows the same") {
                try Set(totals() + [late.page().sum(requests)]).count == 1
            }
        }
    }

    @Test func `adds up what it has not seen, and nothing twice`() throws {
        let redis = try RedisProcess()
        let environment = ["REDIS_HOST": redis.socket]
        let exporter = try FleetProcess(["--from", "redis", "--aggregate"], environment)
        var counted = 0.0
        var settings = options(redis, "web-1")
        // What it counts reaches Redis when it begins and when it ends.
        settings.environment["REDIS_FORWARD_INTERVAL"] = "3600"
        for run in 0..<2 {
            try serving("app:app", in: try applicationDirectory(), options: settings) { server in
                if run == 0 { try eventually("it is there") { try exporter.page().sum(requests) >= 0 } }
                for _ in 0..<7 { _ = try server.client.get("/") }
                counted += try server.metrics().sum(requests)
            }
        }
        try serving("app:app", in: try applicationDirectory(), options: settings) { server in
            let key = "gunicorn_metrics:instance:web-1"
            try eventually("it has forwarded") { try redis.cli("ZCARD", "gunicorn_metrics:runs") == "2" }
            func others(_ exporter: FleetProcess) throws -> Double {
                let now = try eventually("it shows the page") { try? exporter.page().sum(requests) }
                let shown = try FleetProcess(["--from", "redis"], environment).page().sum(requests)
                return now - shown
            }
            try eventually("both runs count") { try others(exporter) == counted }
            // It is away while the exporter is started anew, and comes back.
            let before = try exporter.page().sum(requests)
            try redis.cli("RENAME", key, "away")
            #expect(try exporter.page().sum(requests) == before)
            let late = try FleetProcess(["--from", "redis", "--aggregate"], environment)
            for one in [exporter, late] { #expect(try one.page().sum(requests) == before) }
            try redis.cli("RENAME", "away", key)
            for one in [exporter, late] { #expect(try one.page().sum(requests) == before) }
            // So for one that knows all from Redis alone.
            try redis.cli("DEL", "gunicorn_metrics:runs")
            #expect(try FleetProcess(["--from", "redis", "--aggregate"], environment).page().sum(requests) == before)
        }
    }

    @Test func `shows those that forward seldom beside those that forward often`() throws {
        let redis = try RedisProcess()
        let exporter = try FleetProcess(["--from", "redis"], ["REDIS_HOST": redis.socket])
        var seldom = options(redis, "seldom")
        seldom.environment["REDIS_FORWARD_INTERVAL"] = "600"
        try serving("app:app", in: try applicationDirectory(), options: seldom) { _ in
            try eventually("it has forwarded") { try exporter.page().value("talon_fleet_instances") == 1 }
            let page = try exporter.page()
            // Whoever reads it there sees that Redis has it.
            #expect(page.value("talon_redis_up", ["instance": "seldom"]) == 1)
            #expect(page.value("talon_redis_last_success_timestamp_seconds", ["instance": "seldom"]) ?? 0 > 1e9)
            try serving("app:app", in: try applicationDirectory(), options: options(redis, "often")) { often in
                try eventually("it has forwarded for longer than its page lives") {
                    try often.metrics().value("talon_redis_forwards_total", ["outcome": "ok"]) ?? 0 >= 6
                }
                #expect(try exporter.page().value("talon_fleet_instances") == 2)
            }
        }
    }

    @Test func `is ready again when Redis is, though nobody scrapes`() throws {
        let port = try FreePort.any()
        let environment = ["REDIS_HOST": "127.0.0.1", "REDIS_PORT": "\(port)"]
        let exporter = try FleetProcess(["--from", "redis"], environment)
        #expect(try exporter.page().value("gunicorn_sidecar_redis_connected") == 0)
        #expect(try exporter.get("/readyz").status == 503)
        let redis = try RedisProcess(port: port)
        try eventually("it is ready") { try exporter.get("/readyz").status == 200 }
        redis.end()
    }

    @Test func `goes on beside what others have put under its keys`() throws {
        let redis = try RedisProcess()
        let environment = ["REDIS_HOST": redis.socket]
        try redis.cli("SET", "gunicorn_metrics:former", "somebody's")
        try redis.cli("ZADD", "gunicorn_metrics:runs", "1", "no run", "2", "big@1", "3", "list@1")
        try redis.cli("SETRANGE", "gunicorn_metrics:run:big@1", "6000000", "x")
        try redis.cli("RPUSH", "gunicorn_metrics:run:list@1", "x")
        try redis.cli("SETRANGE", "gunicorn_metrics:instance:huge", "300000000", "x")
        try redis.cli("ZADD", "gunicorn_metrics:instances", "9999999999", "huge")
        let exporter = try FleetProcess(["--from", "redis", "--aggregate"], environment)
        let ended = try FleetProcess(["--from", "redis", "--aggregate"], environment)
        try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-1")) { server in
            _ = try server.client.get("/")
            try eventually("all is counted") { try exporter.page().sum(requests) == server.metrics().sum(requests) }
            #expect(try exporter.page().value("talon_fleet_instances_unreadable") == 1)
            #expect(try ended.page().sum(requests) >= 1)
        }
        try redis.cli("DEL", "gunicorn_metrics:instance:web-1")
        for _ in 0..<3 { #expect(try exporter.page().value("talon_fleet_instances") == 0) }
        let complaints = exporter.log.split(separator: "\n").filter { $0.contains("does not keep") }
        #expect(complaints.count == 1 && complaints[0].contains("WRONGTYPE"), "\(exporter.log)")
        try redis.cli("DEL", "gunicorn_metrics:former")
        try eventually("it is kept then") {
            _ = try exporter.page()
            return try redis.cli("HEXISTS", "gunicorn_metrics:former", "token") == "1"
        }
    }

    @Test func `gives a Prometheus that scrapes two of them the sums of one`() throws {
        let redis = try RedisProcess()
        let environment = ["REDIS_HOST": redis.socket]
        let pages = try (0..<3).map { _ in try FleetProcess(["--from", "redis"], environment) }
        let totals = try (0..<2).map { _ in try FleetProcess(["--from", "redis", "--aggregate"], environment) }
        let prometheus = try PrometheusServer(
            jobs: [
                ("one", [pages[0].port]), ("two", [pages[1].port, pages[2].port]), ("totals", totals.map(\.port)),
            ], honorsLabels: true)
        try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-1")) { one in
            try serving("app:app", in: try applicationDirectory(), options: options(redis, "web-2")) { two in
                for _ in 0..<7 { _ = try one.client.get("/") }
                for _ in 0..<4 { _ = try two.client.get("/") }
                let counted = try one.metrics().sum(requests) + two.metrics().sum(requests)
                #expect(counted >= 11)
                for job in ["one", "two"] {
                    try prometheus.wait(for: "sum(\(requests){job=\"\(job)\"})") { $0 == [counted] }
                }
                try prometheus.wait(for: "sum(max without (instance) (\(requests){job=\"totals\"}))") {
                    $0 == [counted]
                }
                try prometheus.wait(for: "sum(up)") { $0 == [5] }
            }
        }
    }

    @Test func `forgets who is gone, and serves what is left without Redis`() throws {
        let redis = try RedisProcess()
        let exporter = try FleetProcess(["--from", "redis"], ["REDIS_HOST": redis.socket])
        var settings = options(redis, "web-1")
        settings.environment["REDIS_TTL_SECONDS"] = "2"
        settings.environment["REDIS_FORWARD_INTERVAL"] = "1"
        try serving("app:app", in: try applicationDirectory(), options: settings) { _ in
            try eventually("it is there") { try exporter.page().value("talon_fleet_instances") == 1 }
        }
        try eventually("it is gone") { try exporter.page().value("talon_fleet_instances") == 0 }
        try redis.cli("SET", "gunicorn_metrics:instance:bad", "no page")
        try redis.cli("ZADD", "gunicorn_metrics:instances", "1", "bad")
        #expect(try exporter.page().value("talon_fleet_instances_unreadable") == 1)
        redis.end()
        for _ in 0..<3 {
            let page = try exporter.page()
            #expect(page.value("gunicorn_sidecar_redis_connected") == 0 && page.value("talon_fleet_instances") == 0)
        }
        #expect(try exporter.get("/readyz").status == 503)
        #expect(exporter.log.split(separator: "\n").filter { $0.contains("does not tell the metrics") }.count == 1)
        exporter.process.signal(SIGTERM)
        #expect(try exporter.process.wait(within: .seconds(10)) == .exited(0))
    }

    @Test func `serves a folder, as a sidecar`() throws {
        try serving("app:app", in: try applicationDirectory()) { server in
            for _ in 0..<4 { _ = try server.client.get("/") }
            let folder = server.directory.file("metrics")
            let exporter = try FleetProcess(["sidecar", "--multiproc-dir", folder, "--update-interval", "30"])
            try eventually("all is counted") {
                try exporter.page().sum(requests) == server.metrics().sum(requests)
            }
            let page = try exporter.page()
            #expect(page.value("gunicorn_sidecar_multiproc_files_count") == Double(Files.names(in: folder).count))
            #expect(page.value("gunicorn_sidecar_multiproc_dir_size_bytes") ?? 0 > 1000)
            #expect(page.value("gunicorn_sidecar_uptime_seconds") ?? -1 >= 0)
            #expect(page.all("gunicorn_sidecar_redis_connected").isEmpty)
            let health = try run(TestEnvironment.binary(), ["exporter", "health", "--port", "\(exporter.port)"])
            #expect(health.status == 0 && health.output == "Health check passed - metrics endpoint is responding\n")
        }
    }

    @Test func `shows its own pod alone, as a sidecar with Redis`() throws {
        let redis = try RedisProcess()
        func pod(_ name: String) -> [String: String] {
            ["REDIS_ENABLED": "true", "REDIS_HOST": redis.socket, "POD_NAME": name, "POD_NAMESPACE": "n"]
        }
        let sidecars = try ["sidecar", "standalone"].enumerated().map { index, mode in
            try FleetProcess([mode], pod("pod-\(index)"))
        }
        try serving("app:app", in: try applicationDirectory(), options: options(redis, "n/pod-0")) { _ in
            try serving("app:app", in: try applicationDirectory(), options: options(redis, "n/pod-1")) { _ in
                for (index, sidecar) in sidecars.enumerated() {
                    let page = try eventually("it shows its pod") {
                        let page = try sidecar.page()
                        return page.value("talon_fleet_instances") == 1 ? page : nil
                    }
                    let shown = Set(page.all("talon_build_info").compactMap { $0.labels["instance"] })
                    #expect(shown == ["n/pod-\(index)"])
                }
            }
        }
    }

    @Test func `is misused with a sentence`() throws {
        func answer(_ words: String..., environment: [String: String] = [:]) throws -> CommandResult {
            try run(TestEnvironment.binary(), ["exporter"] + words, environment: environment)
        }
        #expect(try answer("--help").output.hasPrefix("usage: talon exporter"))
        #expect(try answer("nonsense").error == "talon exporter: nonsense is unknown; see talon exporter --help\n")
        #expect(try answer("--port", "0").status == 2)
        #expect(try answer("--port").error == "talon exporter: --port needs a value\n")
        #expect(try answer("--from", "nowhere").status == 2)
        let refused = try answer("--from", "redis", environment: ["REDIS_URL": "rediss://:hunter2@h"])
        #expect(refused.status == 1 && refused.error.contains("no TLS to Redis") && !refused.error.contains("hunter2"))
        let failed = try answer("health", "--port", "\(try FreePort.any())")
        #expect(failed.status == 1 && failed.error.hasPrefix("Health check failed - "))
    }
}
