import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// What exporters of totals keep in Redis of runs that are over, each for itself after a restart and for the others: a hash
/// with a field for the counts of each run, one for what has fallen of it, one for the sum of runs that are not kept apart,
/// and a token that changes with this sum.
///
/// Any number of exporters may write it. Each change is a transaction on what was there when it was made: of a run the
/// greatest counts stay that any of them has seen, and who does not know the sum takes what is there instead of its own. Of
/// whoever has the turn.
struct FleetMemory {
    private let settings: RedisSettings
    /// The token that was there last; nil: there was none, or it was not read.
    private var token: [UInt8]?
    /// After a fault: nothing is written before; CLOCK_MONOTONIC.
    private var restsUntil: UInt64 = 0
    /// How long it rests after the next fault; nanoseconds.
    private var rest = FleetMemory.shortestRest

    private static let sum = ""
    /// Runs have an @ in their names.
    private static let tokenField = "token"
    /// Behind the name of a run: what has fallen of it.
    fileprivate static let fallen = "+"
    /// After a restart a page waits for the whole memory, and so it does for a new sum; each waits for what is written.
    private static let recallLimit = 30 * nanosecondsPerSecond
    private static let keepLimit = 2 * nanosecondsPerSecond
    private static let shortestRest = nanosecondsPerSecond
    private static let longestRest = 60 * nanosecondsPerSecond
    /// Bytes that a field may have, and all of them together: more than an exporter writes.
    private static let fieldLimit = 256 << 20
    private static let sizeLimit = 512 << 20
    private static let limits = RedisConnection.Limits(bytes: sizeLimit + (16 << 20), elements: 200_000)
    private static let batch = 64

    init(_ settings: RedisSettings) {
        self.settings = settings
    }

    // MARK: Reading

    /// Totals that begin with what is kept.
    mutating func recall() throws(RedisFault) -> FleetTotals {
        let connection = try connect(FleetMemory.recallLimit)
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
        totals.settle()
        token = replies[1].bytes
        return totals
    }

    private static func recall(_ name: String, _ reply: RedisReply, to totals: inout FleetTotals) {
        guard let bytes = reply.bytes, let page = InstancePage(instance: "", bytes: bytes) else { return }
        if name == sum {
            totals.recallEnded(page)
        } else if let run = InstanceRun(name: name) {
            totals.recall(run, page)
        } else if name.hasSuffix(fallen), let run = InstanceRun(name: String(name.dropLast())) {
            totals.recallFallen(run, page)
        }
    }

    // MARK: Writing

    enum Outcome: Equatable {
        /// There was nothing to do, or it rests.
        case none
        case kept
        /// Another one has written meanwhile; it is tried again.
        case disturbed
        /// Another one has changed the sum: the totals are to be read anew.
        case superseded
        case failed(RedisFault)
    }

    /// Writes what is not kept yet.
    mutating func keep(_ totals: inout FleetTotals, now: UInt64) -> Outcome {
        guard now >= restsUntil else { return .none }
        let changes = totals.changes()
        guard !changes.isEmpty else { return .none }
        do {
            let outcome = try write(changes, of: &totals)
            rest = FleetMemory.shortestRest
            return outcome
        } catch {
            restsUntil = now + rest
            rest = min(2 * rest, FleetMemory.longestRest)
            totals.relieve()
            return .failed(error)
        }
    }

    private mutating func write(
        _ changes: FleetTotals.Changes, of totals: inout FleetTotals
    ) throws(RedisFault) -> Outcome {
        let connection = try connect(changes.surplus.isEmpty ? FleetMemory.keepLimit : FleetMemory.recallLimit)
        var changes = changes
        let names = changes.names
        let found = try connection.exchange([
            RedisCommand("WATCH", [settings.formerKey]),
            RedisCommand("HMGET", [settings.formerKey, FleetMemory.tokenField] + names),
        ])
        guard case .list(let values)? = found.last, values.count == names.count + 1 else { return .disturbed }
        let isLost = token != nil && values[0].bytes == nil
        guard isLost || values[0].bytes == token else { return .superseded }
        if isLost {
            totals.keepAnew()
            changes = totals.changes(isAnew: true)
        } else {
            for (name, value) in zip(names, values.dropFirst()) { FleetMemory.recall(name, value, to: &totals) }
        }

        var next = totals
        next.fold(changes.surplus)
        let hasNewSum = isLost || !changes.surplus.isEmpty
        let written = (hasNewSum ? nil : token) ?? Array("\(UInt64.random(in: .min ... .max))".utf8)
        var commands = [RedisCommand("MULTI"), field("HSET", FleetMemory.tokenField, written)]
        if hasNewSum { commands.append(field("HSET", FleetMemory.sum, next.endedPage)) }
        commands += changes.runs.map { field("HSET", $0.name, totals.page(of: $0)) }
        for run in changes.fallen {
            commands.append(field("HSET", run.name + FleetMemory.fallen, totals.fallenPage(of: run)))
            // What is there is from before its fall.
            if totals.isPresent(run) { commands.append(field("HDEL", run.name)) }
        }
        for run in changes.surplus { commands += forget(run) }
        guard case .list? = try connection.exchange(commands + [RedisCommand("EXEC")]).last else { return .disturbed }
        token = written
        next.keep(changes)
        totals = next
        return .kept
    }

    /// Nobody may find it beside the sum.
    private func forget(_ run: InstanceRun) -> [RedisCommand] {
        [
            field("HDEL", run.name), field("HDEL", run.name + FleetMemory.fallen),
            RedisCommand("ZREM", [settings.runsKey, run.name]), RedisCommand("DEL", [settings.key(ofRun: run.name)]),
        ]
    }

    private func connect(_ limit: UInt64) throws(RedisFault) -> RedisConnection {
        try RedisConnection(to: settings.server, limits: FleetMemory.limits, before: MonotonicClock.now() + limit)
    }

    private func field(_ command: String, _ name: String, _ value: [UInt8]? = nil) -> RedisCommand {
        RedisCommand(
            command, bytes: [Array(settings.formerKey.utf8), Array(name.utf8)] + (value.map { [$0] } ?? []))
    }
}

extension FleetTotals.Changes {
    /// The fields that may have more than is known here.
    fileprivate var names: [String] {
        runs.map(\.name) + fallen.map { $0.name + FleetMemory.fallen }
            + surplus.flatMap { [$0.name, $0.name + FleetMemory.fallen] }
    }
}
