import TalonMetrics
import TalonRedis
import Testing

@testable import TalonExporter
@testable import TalonSettings

func redisSettings(_ settings: [String: String] = [:]) throws -> RedisSettings {
    let all = ["redis_enabled": "true", "redis_key_prefix": "gunicorn_metrics"].merging(settings) { $1 }
    return try #require(try RedisSettings { all[$0] })
}

@Suite struct `What Redis is told` {
    private let families = [
        MetricFamily(name: "a_total", type: .counter, help: "h", samples: [Sample(name: "a_total", value: 7)])
    ]

    private func commands(_ settings: [String: String] = [:]) throws -> [RedisCommand] {
        ForwardedPage(settings: try redisSettings(settings), instance: "web-1").commands(families, time: 1_700_000_000)
    }

    @Test func `is the guide's keys and those of the instance`() throws {
        let text = Array("# HELP a_total h\n# TYPE a_total counter\na_total 7\n".utf8)
        let metadata =
            #"{"timestamp": 1700000000, "host": "localhost", "port": 6379, "interval": 30, "forwarder": "redis", "#
            + #""instance": "web-1"}"#
        func set(_ key: String, _ value: [UInt8], _ rest: String...) -> RedisCommand {
            RedisCommand("SET", bytes: [Array(key.utf8), value] + rest.map { Array($0.utf8) })
        }
        let expected = [
            set("gunicorn_metricslatest", text), set("gunicorn_metrics1700000000", text, "EX", "90"),
            set("gunicorn_metricsmetadata", Array(metadata.utf8)),
            set("gunicorn_metrics:instance:web-1", ExpositionFormat.renderForFleet(families), "EX", "90"),
            RedisCommand("ZADD", ["gunicorn_metrics:instances", "1700000000", "web-1"]),
            RedisCommand("ZREMRANGEBYSCORE", ["gunicorn_metrics:instances", "-inf", "(1699913600"]),
        ]
        #expect(try commands() == expected)
    }

    @Test func `hands over the last page of another run, and its own`() throws {
        func page(since: Double) -> [MetricFamily] {
            let name = ServerFamilies.countingSince.name
            return families + [
                MetricFamily(name: name, type: .gauge, help: "", samples: [Sample(name: name, value: since)])
            ]
        }
        let forwarded = ForwardedPage(settings: try redisSettings(), instance: "web-1")
        let former = ExpositionFormat.renderForFleet(page(since: 5))
        let (key, run) = ("gunicorn_metrics:run:web-1@5.0", "web-1@5.0")
        func expected(_ condition: [String]) -> [RedisCommand] {
            [
                RedisCommand(
                    "SET", bytes: [Array(key.utf8), former] + (["EX", "3600"] + condition).map { Array($0.utf8) }),
                RedisCommand("ZADD", ["gunicorn_metrics:runs"] + condition + ["7000.5", run]),
                RedisCommand("ZREMRANGEBYSCORE", ["gunicorn_metrics:runs", "-inf", "(-3799.5"]),
            ]
        }
        #expect(forwarded.handOver(former, before: page(since: 6), time: 7000.5) == expected(["NX"]))
        #expect(forwarded.lastWord(page(since: 5), time: 7000.5) == expected([]))
        // The same run, none that tells, and what is no page.
        #expect(forwarded.handOver(former, before: page(since: 5), time: 7000.5).isEmpty)
        #expect(forwarded.handOver(former, before: page(since: 0), time: 7000.5).isEmpty)
        #expect(forwarded.handOver(former, before: families, time: 7000.5).isEmpty)
        #expect(forwarded.handOver([1, 2, 3], before: page(since: 6), time: 7000.5).isEmpty)
        #expect(forwarded.lastWord(families, time: 7000.5).isEmpty)
    }

    @Test func `lives as long as it is told to`() throws {
        #expect(try redisSettings(["redis_forward_interval": "10"]).timeToLive == 30)
        #expect(try redisSettings(["redis_ttl_seconds": "7"]).timeToLive == 7)
        #expect(try redisSettings(["redis_ttl_seconds": "0"]).timeToLive == nil)
        #expect(try redisSettings(["redis_ttl_disabled": "true"]).timeToLive == nil)
        let forever = try commands(["redis_ttl_disabled": "true"])
        #expect(forever.count == 5)
        #expect(
            forever[3]
                == RedisCommand(
                    "SET",
                    bytes: [
                        Array("gunicorn_metrics:instance:web-1".utf8), ExpositionFormat.renderForFleet(families),
                    ]))
    }

    @Test func `has no two separators where the prefix ends in one`() throws {
        let settings = try redisSettings(["redis_key_prefix": "gunicorn:metrics:"])
        #expect(settings.instancesKey == "gunicorn:metrics:instances")
        #expect(settings.key(ofInstance: "a/b") == "gunicorn:metrics:instance:a/b")
        #expect(
            try commands(["redis_key_prefix": "p:"])[0]
                == RedisCommand(
                    "SET",
                    bytes: [
                        Array("p:latest".utf8), ExpositionFormat.text.render(families),
                    ]))
    }
}

@Suite struct `An instance` {
    @Test(arguments: [
        ("web-1", ["POD_NAME": "p", "POD_NAMESPACE": "n"], "web-1"),
        (nil, ["POD_NAME": "p", "POD_NAMESPACE": "n"], "n/p"),
        ("", ["POD_NAME": "p"], "p"),
        (nil, ["POD_NAME": "p\n", "POD_NAMESPACE": ""], "p\\x0a"),
    ]) func `is called by its name, else its pod's`(given: String?, environment: [String: String], name: String) {
        #expect(InstanceName.of(given: given, listener: "127.0.0.1:8000") { environment[$0] } == name)
    }

    @Test func `is else called by its host and where it listens`() {
        let name = InstanceName.of(given: nil, listener: "127.0.0.1:8000") { _ in nil }
        #expect(name.hasSuffix("/127.0.0.1:8000") && name.count > 15)
    }
}
