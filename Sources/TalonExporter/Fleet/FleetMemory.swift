import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// What exporters of totals keep in Redis of runs that are over, each for itself after a restart and for the others: a hash
/// with a field for each run, one for the sum of those that are not kept apart, and a token that changes with this sum.
///
/// Any number of exporters may write it. Each change is a transaction on what was there when it was made: of a run the
/// greatest counts stay that any of them has seen, and who does not know the sum takes what is there instead of its own. Of
/// whoever has the turn.
struct FleetMemory {
    private let settings: RedisSettings
    /// The token of the sum that is known; nil: there was none, or it was not read.
    private var token: [UInt8]?
    /// After a fault: nothing is written before; CLOCK_MONOTONIC.
    private var restsUntil: UInt64 = 0
    /// How long it rests after the next fault; nanoseconds.
    private var rest = FleetMemory.shortestRest

    private static let sum = ""
    /// Runs have an @ in their names.
    private static let tokenField = "token"
    private static let timeLimit = 5 * nanosecondsPerSecond
    private static let shortestRest = nanosecondsPerSecond
    private static let longestRest = 60 * nanosecondsPerSecond
    /// Bytes that a field may have, and all of them together.
    private static let fieldLimit = 64 << 20
    private static let sizeLimit = 320 << 20
    private static let limits = RedisConnection.Limits(bytes: sizeLimit + (16 << 20), elements: 200_000)
    private static let batch = 64
    /// How many runs that are in the sum may wait until Redis hears of it.
    private static let mostFolded = 100_000

    init(_ settings: RedisSettings) {
        self.settings = settings
    }

    // MARK: Reading

    /// Totals that begin with what is kept.
    mutating func recall() throws(RedisFault) -> FleetTotals {
        let connection = try connect()
        for _ in 0..<3 {
            if let totals = try read(connection) { return totals }
        }
        throw RedisFault(.timeout, "what former runs have counted changes while it is read")
    }

    /// nil if it changed meanwhile.
    private mutating func read(_ connection: RedisConnection) throws(RedisFault) -> FleetTotals? {
        let replies = try connection.exchange([
            RedisCommand("WATCH", [settings.formerKey]), field("HGET", FleetMemory.tokenField),
            RedisCommand("HKEYS", [settings.formerKey]),
        ])
        guard replies.count == 3, case .list(let keys) = replies[2] else { return nil }
        let names = keys.compactMap(\.string).filter { $0 != FleetMemory.tokenField }
        let sizes = try connection.exchange(names.map { field("HSTRLEN", $0) }).compactMap(\.number)
        guard sizes.allSatisfy({ $0 <= FleetMemory.fieldLimit }), sizes.reduce(0, +) <= FleetMemory.sizeLimit else {
            throw RedisFault(.garbage, "\(settings.formerKey) is larger than what an exporter writes")
        }
        var totals = FleetTotals()
        for start in stride(from: 0, to: names.count, by: FleetMemory.batch) {
            let batch = Array(names[start..<min(start + FleetMemory.batch, names.count)])
            try connection.exchange(batch.map { field("HGET", $0) }) { index, reply in
                FleetMemory.recall(batch[index], reply, to: &totals)
            }
        }
        guard
            case .list? = try connection.exchange([
                RedisCommand("MULTI"), field("HGET", FleetMemory.tokenField), RedisCommand("EXEC"),
            ]).last
        else { return nil }
        token = replies[1].bytes
        return totals
    }

    private static func recall(_ name: String, _ reply: RedisReply, to totals: inout FleetTotals) {
        guard let bytes = reply.bytes, let page = InstancePage(instance: "", bytes: bytes) else { return }
        if name == sum {
            totals.recallEnded(page)
        } else if let run = InstanceRun(name: name) {
            totals.recall(run, page)
        }
    }

    // MARK: Writing

    enum Outcome: Equatable {
        /// There was nothing to do, or it rests.
        case none
        case kept
        /// Another one has written; it is tried again.
        case disturbed
        /// Another one has changed the sum: the totals are to be read anew.
        case superseded
        case failed(RedisFault)
    }

    /// Writes what is not kept yet.
    mutating func keep(_ totals: inout FleetTotals, now: UInt64) -> Outcome {
        guard now >= restsUntil, !totals.changes.isEmpty else { return .none }
        do {
            let outcome = try write(&totals)
            rest = FleetMemory.shortestRest
            return outcome
        } catch {
            restsUntil = now + rest
            rest = min(2 * rest, FleetMemory.longestRest)
            if totals.changes.folded.count > FleetMemory.mostFolded { totals.keepNothing() }
            return .failed(error)
        }
    }

    private mutating func write(_ totals: inout FleetTotals) throws(RedisFault) -> Outcome {
        let connection = try connect()
        var changes = totals.changes
        let names = changes.runs.map(\.name)
        let found = try connection.exchange([
            RedisCommand("WATCH", [settings.formerKey]),
            RedisCommand("HMGET", [settings.formerKey, FleetMemory.tokenField] + names),
        ])
        guard case .list(let values)? = found.last, values.count == names.count + 1 else { return .disturbed }
        if values[0].bytes != token {
            guard values[0].bytes == nil else { return .superseded }
            // Redis has lost it all.
            token = nil
            totals.keepAnew()
            changes = totals.changes
        }
        for (name, value) in zip(names, values.dropFirst()) { FleetMemory.recall(name, value, to: &totals) }

        var commands = [RedisCommand("MULTI")]
        commands += changes.runs.map { field("HSET", $0.name, totals.page(of: $0)) }
        let fresh = changes.hasEndedMore ? Array("\(UInt64.random(in: .min ... .max))".utf8) : token
        if changes.hasEndedMore, let fresh {
            commands.append(field("HSET", FleetMemory.sum, totals.endedPage))
            commands.append(field("HSET", FleetMemory.tokenField, fresh))
        }
        for name in changes.folded.map(\.name) {
            // Nobody may find it beside the sum.
            commands.append(field("HDEL", name))
            commands.append(RedisCommand("ZREM", [settings.runsKey, name]))
            commands.append(RedisCommand("DEL", [settings.key(ofRun: name)]))
        }
        guard case .list? = try connection.exchange(commands + [RedisCommand("EXEC")]).last else { return .disturbed }
        token = fresh
        totals.keep(changes)
        return .kept
    }

    private func connect() throws(RedisFault) -> RedisConnection {
        try RedisConnection(
            to: settings.server, limits: FleetMemory.limits, before: MonotonicClock.now() + FleetMemory.timeLimit)
    }

    private func field(_ command: String, _ name: String, _ value: [UInt8]? = nil) -> RedisCommand {
        RedisCommand(
            command, bytes: [Array(settings.formerKey.utf8), Array(name.utf8)] + (value.map { [$0] } ?? []))
    }
}
