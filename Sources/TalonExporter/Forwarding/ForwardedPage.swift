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
            commands.append(RedisCommand("ZREMRANGEBYSCORE", [settings.instancesKey, "-inf", "(\(time - timeToLive)"]))
        }
        return commands
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
