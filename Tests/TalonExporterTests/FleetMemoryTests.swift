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

    /// As the exporter does: who is superseded begins with what is there.
    mutating func keep(now: UInt64 = MonotonicClock.now()) throws -> FleetMemory.Outcome {
        let outcome = memory.keep(&totals, now: now)
        if outcome == .superseded {
            var fresh = try memory.recall()
            fresh.adopt(totals)
            totals = fresh
        }
        return outcome
    }

    mutating func keepAll(now: UInt64 = MonotonicClock.now()) throws {
        for _ in 0..<100 where !totals.changes().isEmpty { try #require(try keep(now: now) == .kept) }
        try #require(totals.changes().isEmpty)
    }
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
        #expect(try one.keep() == .none)
        #expect(try other.show([(100, 500)]) == 500)
        #expect(try one.show([(100, 1500)]) == 1500)
        #expect(try one.show([]) == 1500)
        #expect(try one.keep() == .kept)
        // It comes late, and learns.
        #expect(try other.show([]) == 500)
        #expect(try other.keep() == .superseded)
        #expect(try other.show([]) == 1500)
        try other.keepAll()
        var late = try Adder(redis)
        #expect(try late.show([]) == 1500)
        #expect(try late.keep() == .none)
        #expect(try Set(redis.cli("HKEYS", key).split(separator: "\n")) == ["i@100.0", "token"])
    }

    @Test func `has one sum, whoever has made it`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        #expect(try one.show([], former: [(1, 5)]) == 5)
        try one.keepAll()
        var other = try Adder(redis)
        let many = (0..<FleetTotals.fewestAbsent + 1).map { (run: 1000 + Double($0), count: 2.0) }
        #expect(try other.show([(1, 6)]) == 6)
        let sum = Double(6 + 2 * many.count)
        // Another one has seen more of the run that becomes part of the sum.
        #expect(try other.show([]) == 6)
        try other.keepAll()
        #expect(try one.show([], former: many) == sum - 1)
        try redis.cli("ZADD", "gunicorn_metrics:runs", "1", "i@1.0", "2", "i@9999.0")
        try redis.cli("SET", "gunicorn_metrics:run:i@1.0", "x")
        try one.keepAll()
        #expect(try one.show([]) == sum)
        // The run that is in the sum is nowhere else.
        #expect(try redis.cli("ZRANGE", "gunicorn_metrics:runs", "0", "-1") == "i@9999.0")
        #expect(try redis.cli("EXISTS", "gunicorn_metrics:run:i@1.0") == "0")
        #expect(try redis.cli("HEXISTS", key, "i@1.0") == "0")
        // Another one that still has it apart does not write it again, and loses nothing that it alone has.
        #expect(try other.show([(9000, 3)]) == 9)
        #expect(try other.show([]) == 9)
        #expect(try other.keep() == .superseded)
        #expect(try other.show([]) == sum + 3)
        try other.keepAll()
        var late = try Adder(redis)
        #expect(try late.show([]) == sum + 3)
    }

    @Test func `is written again when Redis has lost it`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        #expect(try one.show([(1, 5)]) == 5 && one.show([]) == 5)
        try one.keepAll()
        try redis.cli("FLUSHALL")
        #expect(try one.show([(2, 1)]) == 6 && one.show([]) == 6)
        try one.keepAll()
        var anew = try Adder(redis)
        #expect(try anew.show([]) == 6)
    }

    @Test func `has a fleet apart that is away, whole`() throws {
        let redis = try RedisProcess()
        let fleet = (0..<FleetTotals.fewestAbsent * 3 / 2).map { (run: 1 + Double($0), count: 2.0) }
        var one = try Adder(redis)
        let sum = 2 * Double(fleet.count)
        #expect(try one.show(fleet) == sum && one.show([]) == sum)
        try one.keepAll()
        var anew = try Adder(redis)
        #expect(try anew.show([]) == sum)
        try anew.keepAll()
        #expect(try anew.show(Array(fleet.prefix(10))) == sum && anew.show(fleet) == sum)
    }

    @Test func `has what has fallen of a run beside what it counts`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        #expect(try one.show([(1, 100)]) == 100 && one.show([]) == 100)
        try one.keepAll()
        // It is back, and has begun anew.
        #expect(try one.show([(1, 5)]) == 105)
        try one.keepAll()
        var anew = try Adder(redis)
        #expect(try anew.show([(1, 7)]) == 107 && one.show([(1, 7)]) == 107)
        #expect(try anew.show([]) == 107)
        try anew.keepAll()
        var third = try Adder(redis)
        #expect(try third.show([]) == 107)
        #expect(try third.show([(1, 3)]) == 110 && third.show([(1, 1)]) == 111)
        try third.keepAll()
        var last = try Adder(redis)
        #expect(try last.show([(1, 1)]) == 111)
    }

    @Test func `is written as a whole or not at all`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        let many = (0..<FleetTotals.fewestAbsent / 2).map { (run: 1000 + Double($0), count: 2.0) }
        #expect(try one.show([], former: many) == 2 * Double(many.count))
        try one.keepAll()
        let kept = try redis.cli("HLEN", key)
        let more = (0..<FleetTotals.fewestAbsent).map { (run: 5000 + Double($0), count: 2.0) }
        let sum = try one.show([], former: more)
        try redis.cli("CONFIG", "SET", "maxmemory", "1")
        let now = MonotonicClock.now()
        guard case .failed(let fault) = try one.keep(now: now) else { throw TestFailure("Redis has taken it") }
        #expect(fault.kind == .oom)
        #expect(try redis.cli("HLEN", key) == kept)
        #expect(try one.show([]) == sum)
        // It does not ask at each scrape.
        #expect(try one.keep(now: now) == .none && one.keep(now: now + 999_999_999) == .none)
        try redis.cli("CONFIG", "SET", "maxmemory", "0")
        try one.keepAll(now: now + 1_000_000_001)
        var late = try Adder(redis)
        #expect(try late.show([]) == sum)
    }

    @Test func `is done without where Redis never takes it`() throws {
        let redis = try RedisProcess()
        var one = try Adder(redis)
        try redis.cli("CONFIG", "SET", "maxmemory", "1")
        let many = (0...2 * FleetTotals.fewestAbsent).map { (run: 1000 + Double($0), count: 2.0) }
        let sum = try one.show([], former: many)
        guard case .failed = try one.keep() else { throw TestFailure("Redis has taken it") }
        #expect(one.totals.changes().isEmpty)
        #expect(try one.show([(1, 1)]) == (sum ?? 0) + 1)
        #expect(one.totals.changes().isEmpty)
    }

    @Test func `is none when it is somebody else's, or too large`() throws {
        let redis = try RedisProcess()
        try redis.cli("SET", key, "x")
        let wrong = #expect(throws: RedisFault.self) { try Adder(redis) }
        #expect(wrong?.kind == .wrongType)
        try redis.cli("DEL", key)
        try redis.cli("SETRANGE", "large", "270000000", "x")
        try redis.cli("EVAL", "redis.call('HSET', KEYS[1], 'a@1', redis.call('GET', 'large'))", "1", key)
        let large = #expect(throws: RedisFault.self) { try Adder(redis) }
        #expect(large?.kind == .garbage)
    }
}
