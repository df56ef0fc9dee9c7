import TalonPlatform
import TalonRedis
import TalonTesting
import Testing

@testable import TalonExporter
@testable import TalonMetrics
@testable import TalonSettings

/// One exporter of totals.
private struct Adder {
    private(set) var memory: FleetMemory
    private(set) var totals: FleetTotals

    init(_ redis: RedisProcess) throws {
        memory = FleetMemory(try redisSettings(["redis_host": redis.socket]))
        totals = try memory.recall()
    }

    /// What it shows of these counts, by runs.
    mutating func show(_ counts: [(run: Double, count: Double)], former: [(run: Double, count: Double)] = []) throws
        -> Double?
    {
        let families = try totals.families(counts.map(page), former: former.map(page))
        return families.first { $0.name == "c_total" }?.samples.first?.value
    }

    mutating func keep(now: UInt64 = MonotonicClock.now()) -> FleetMemory.Outcome { memory.keep(&totals, now: now) }
}

private func page(_ run: Double, _ count: Double) throws -> InstancePage {
    let families = [("c_total", MetricType.counter, count), (ServerFamilies.countingSince.name, .gauge, run)].map {
        MetricFamily(name: $0, type: $1, help: "", samples: [Sample(name: $0, value: $2)])
    }
    return try #require(InstancePage(instance: "i", bytes: ExpositionFormat.renderForFleet(families)))
}

private let key = "gunicorn_metrics:former"

@Suite struct `The memory of exporters of totals` {
    @Test func `has of a run the greatest that any of them has seen`() throws {
        let redis = try RedisProcess()
        var (one, other) = try (Adder(redis), Adder(redis))
        #expect(one.keep() == .none)
        #expect(try other.show([(100, 500)]) == 500)
        #expect(try one.show([(100, 1500)]) == 1500)
        #expect(try one.show([]) == 1500)
        #expect(one.keep() == .kept)
        // It comes late, and learns.
        #expect(try other.show([]) == 500)
        #expect(other.keep() == .kept)
        #expect(try other.show([]) == 1500)
        var late = try Adder(redis)
        #expect(try late.show([]) == 1500)
        #expect(late.keep() == .none)
        #expect(try redis.cli("HKEYS", key) == "i@100.0")
    }

    @Test func `has one sum, whoever has made it`() throws {
        let redis = try RedisProcess()
        var (one, other) = try (Adder(redis), Adder(redis))
        let many = (0..<FleetTotals.fewestAbsent + 1).map { (run: 1000 + Double($0), count: 2.0) }
        #expect(try other.show([(1, 5)]) == 5)
        #expect(try one.show([], former: [(1, 5)]) == 5)
        let sum = Double(5 + 2 * many.count)
        #expect(try one.show([], former: many) == sum)
        try redis.cli("ZADD", "gunicorn_metrics:runs", "1", "i@1.0", "2", "i@9999.0")
        try redis.cli("SET", "gunicorn_metrics:run:i@1.0", "x")
        repeat { #expect(one.keep() == .kept) } while !one.totals.changes.isEmpty
        // The run that is in the sum is nowhere else.
        #expect(try redis.cli("ZRANGE", "gunicorn_metrics:runs", "0", "-1") == "i@9999.0")
        #expect(try redis.cli("EXISTS", "gunicorn_metrics:run:i@1.0") == "0")
        #expect(try redis.cli("HEXISTS", key, "i@1.0") == "0")
        // Another one that still has it apart does not write it again.
        #expect(try other.show([]) == 5)
        #expect(other.keep() == .superseded)
        for adder in try [Adder(redis), Adder(redis)] {
            var late = adder
            #expect(try late.show([]) == sum)
        }
        // What was lost is written again.
        try redis.cli("FLUSHALL")
        #expect(try one.show([(2, 1)]) == sum + 1 && one.show([]) == sum + 1)
        repeat { #expect(one.keep() == .kept) } while !one.totals.changes.isEmpty
        var anew = try Adder(redis)
        #expect(try anew.show([]) == sum + 1)
    }

    @Test func `is written as a whole or not at all`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        let many = (0..<FleetTotals.fewestAbsent / 2).map { (run: 1000 + Double($0), count: 2.0) }
        #expect(try one.show([], former: many) == 2 * Double(many.count))
        repeat { #expect(one.keep() == .kept) } while !one.totals.changes.isEmpty
        let kept = try redis.cli("HLEN", key)
        let more = (0..<FleetTotals.fewestAbsent).map { (run: 5000 + Double($0), count: 2.0) }
        let sum = try one.show([], former: more)
        try redis.cli("CONFIG", "SET", "maxmemory", "1")
        let now = MonotonicClock.now()
        guard case .failed(let fault) = one.keep(now: now) else { throw TestFailure("Redis has taken it") }
        #expect(fault.kind == .oom)
        #expect(try redis.cli("HLEN", key) == kept)
        // It does not ask at each scrape.
        #expect(one.keep(now: now) == .none && one.keep(now: now + 999_999_999) == .none)
        try redis.cli("CONFIG", "SET", "maxmemory", "0")
        repeat { #expect(one.keep(now: now + 1_000_000_001) == .kept) } while !one.totals.changes.isEmpty
        var late = try Adder(redis)
        #expect(try late.show([]) == sum)
    }

    @Test func `is none when it is somebody else's, or too large`() throws {
        let redis = try RedisProcess()
        try redis.cli("SET", key, "x")
        let wrong = #expect(throws: RedisFault.self) { try Adder(redis) }
        #expect(wrong?.kind == .wrongType)
        try redis.cli("DEL", key)
        try redis.cli("SETRANGE", "large", "70000000", "x")
        try redis.cli("EVAL", "redis.call('HSET', KEYS[1], 'a@1', redis.call('GET', 'large'))", "1", key)
        let large = #expect(throws: RedisFault.self) { try Adder(redis) }
        #expect(large?.kind == .garbage)
    }
}
