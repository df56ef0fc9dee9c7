import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// Reads what instances have forwarded, for one scrape. Of whoever has the turn.
struct FleetReading {
    private let settings: RedisSettings
    private let connection: RedisConnection
    /// Bytes of memory that pages may still take, all of them together.
    private var room = FleetReading.sizeLimit
    private(set) var pages: [InstancePage] = []
    /// Instances whose page is none, or too large, alone or with the others.
    private(set) var unreadable = 0

    /// Bytes of memory of all pages of a scrape, at most: ten thousand servers have 330 MB.
    private static let sizeLimit = 512 << 20
    /// How many runs that are over are looked at, the latest.
    private static let mostRuns = 50_000
    /// How many pages are asked for at a time.
    private static let batch = 64
    private static let limits = RedisConnection.Limits(
        bytes: batch * (InstancePage.sizeLimit + 64) + (16 << 20), elements: 200_000)

    init(_ settings: RedisSettings, before deadline: UInt64) throws(RedisFault) {
        self.settings = settings
        connection = try RedisConnection(to: settings.server, limits: FleetReading.limits, before: deadline)
    }

    /// Reads the pages of all instances, or of one.
    mutating func readPages(of instance: String?) throws(RedisFault) {
        var names = instance.map { [$0] } ?? []
        if instance == nil {
            let listed = try connection.exchange([RedisCommand("ZRANGE", [settings.instancesKey, "0", "-1"])])
            guard case .list(let entries)? = listed.first else { return }
            names = entries.compactMap(\.string)
        }
        let found = try read(names.map { (settings.key(ofInstance: $0), $0) })
        pages = found.pages
        unreadable = found.left.count + found.unreadable
    }

    /// The last pages of runs that are over, by the names of `runs` that `known` does not have at the same time. Those
    /// that are listed stay known; those for which there was no room come next.
    mutating func readRuns(known: inout [String: String]) throws(RedisFault) -> [InstancePage] {
        let newest = [settings.runsKey, "0", "\(FleetReading.mostRuns - 1)", "WITHSCORES"]
        let listed = try connection.exchange([RedisCommand("ZREVRANGE", newest)])
        guard case .list(let entries)? = listed.first else { return [] }
        let texts = entries.compactMap(\.string)
        var runs: [String: String] = [:]
        for index in stride(from: 0, to: texts.count - 1, by: 2) { runs[texts[index]] = texts[index + 1] }
        let new = runs.filter { known[$0.key] != $0.value }.keys.sorted()
        let found = try read(new.map { (settings.key(ofRun: $0), InstanceRun(name: $0)?.instance ?? $0) })
        for index in found.left { runs[new[index]] = nil }
        known = runs
        return found.pages
    }

    private struct Found {
        var pages: [InstancePage] = []
        /// How many are none, or too large.
        var unreadable = 0
        /// Where those were in what was wanted for which there was no room.
        var left: [Int] = []
    }

    /// Pages by their keys, whose they are.
    private mutating func read(_ wanted: [(key: String, instance: String)]) throws(RedisFault) -> Found {
        var found = Found()
        for start in stride(from: 0, to: wanted.count, by: FleetReading.batch) {
            let batch = wanted[start..<min(start + FleetReading.batch, wanted.count)]
            // No more than a page may be, whatever somebody has put there.
            let commands = batch.map { RedisCommand("GETRANGE", [$0.key, "0", "\(InstancePage.sizeLimit)"]) }
            try connection.exchange(commands) { index, reply in
                // One whose time is over is gone from Redis before its name is.
                if reply.bytes?.isEmpty == true { return }
                guard let bytes = reply.bytes, bytes.count <= InstancePage.sizeLimit,
                    let page = InstancePage(instance: wanted[start + index].instance, bytes: bytes)
                else {
                    found.unreadable += 1
                    return
                }
                guard page.size <= room else {
                    found.left.append(start + index)
                    return
                }
                room -= page.size
                found.pages.append(page)
            }
        }
        return found
    }
}
