import TalonMetrics
import TalonPlatform
import TalonRedis
import TalonSettings

/// What Redis is told in one turn.
struct ForwardedPage {
    let settings: RedisSettings
    /// Of this server.
    let instance: String

    /// The commands of one pipeline: the keys of the guide's forwarder, which are of the server that wrote last, and those
    /// of this instance, which are nobody else's. `time`: seconds since 1970.
    func commands(_ families: [MetricFamily], time: Int) -> [RedisCommand] {
        let text = ExpositionFormat.text.render(families)
        var commands = [
            set("\(settings.prefix)latest", text),
            set("\(settings.prefix)\(time)", text, timeToLive: 3 * settings.interval),
            set("\(settings.prefix)metadata", Array(metadata(time: time).encoded.utf8)),
            set(
                settings.key(ofInstance: instance), ExpositionFormat.renderForFleet(families),
                timeToLive: settings.timeToLive),
            RedisCommand("ZADD", [settings.instancesKey, "\(time)", instance]),
        ]
        if let timeToLive = settings.timeToLive {
            // Each looks after all: those that are gone cannot.
            let oldest = time - max(timeToLive, RedisSettings.keepsNames)
            commands.append(RedisCommand("ZREMRANGEBYSCORE", [settings.instancesKey, "-inf", "(\(oldest)"]))
        }
        return commands
    }

    /// Asks what there is under this instance's name.
    var inquiry: RedisCommand {
        RedisCommand("GETRANGE", [settings.key(ofInstance: instance), "0", "\(InstancePage.sizeLimit - 1)"])
    }

    /// Keeps the last page of the run before this one, if `page` is that: who adds up may not have seen it, and this
    /// run's is about to take its place. Its own last word, if it has had it, counts more.
    func handOver(_ page: [UInt8], before families: [MetricFamily], time: Double) -> [RedisCommand] {
        guard let former = InstancePage(instance: instance, bytes: page), let since = former.run,
            let now = families.first(where: { $0.name == ServerFamilies.countingSince.name })?.samples.first?.value,
            now > 0, since != now
        else { return [] }
        return keep(page, of: InstanceRun(instance: instance, since: since), ["NX"], time: time)
    }

    /// Keeps the last page of this run.
    func lastWord(_ families: [MetricFamily], time: Double) -> [RedisCommand] {
        let page = ExpositionFormat.renderForFleet(families)
        guard let since = InstancePage(instance: instance, bytes: page)?.run else { return [] }
        return keep(page, of: InstanceRun(instance: instance, since: since), [], time: time)
    }

    private func keep(_ page: [UInt8], of run: InstanceRun, _ condition: [String], time: Double) -> [RedisCommand] {
        let options = ["EX", "\(RedisSettings.keepsRuns)"] + condition
        return [
            RedisCommand(
                "SET", bytes: [Array(settings.key(ofRun: run.name).utf8), page] + options.map { Array($0.utf8) }),
            RedisCommand("ZADD", [settings.runsKey] + condition + ["\(time)", run.name]),
            // Later than the pages: this host's clock may be ahead of the others'.
            RedisCommand(
                "ZREMRANGEBYSCORE", [settings.runsKey, "-inf", "(\(time - 3 * Double(RedisSettings.keepsRuns))"]),
        ]
    }

    private func set(_ key: String, _ value: [UInt8], timeToLive: Int? = nil) -> RedisCommand {
        let expiry = timeToLive.map { ["EX", "\($0)"] } ?? []
        return RedisCommand("SET", bytes: [Array(key.utf8), value] + expiry.map { Array($0.utf8) })
    }

    /// As the guide's forwarder has it: host and port are Redis'.
    private func metadata(time: Int) -> JSON {
        var host = settings.server.description
        var port = 0
        if case .tcp(let name, let number) = settings.server.address { (host, port) = (name, number) }
        return .object([
            ("timestamp", .number(time)), ("host", .text(host)), ("port", .number(port)),
            ("interval", .number(settings.interval)), ("forwarder", .text("redis")), ("instance", .text(instance)),
        ])
    }
}
