import TalonPlatform

/// What is forwarded to Redis, how often, and under which names.
package struct RedisSettings: Sendable, Equatable {
    package let server: RedisServer
    /// As the user has it: the guide's keys are this and a word, with nothing between.
    package let prefix: String
    /// Seconds from one turn to the next.
    package let interval: Int
    /// Seconds after which what nobody renews is gone; nil: never.
    package let timeToLive: Int?

    /// So long whoever adds up finds the last page of a run; seconds.
    package static let keepsRuns = 3600
    /// So long the name of an instance is listed after its last turn, at least: others may forward less often, and who
    /// reads does not find its page once that is over; seconds.
    package static let keepsNames = 24 * 3600

    /// In storage mode, where the old exporter wrote at each request: what a dashboard shows is at most so old; seconds.
    static let storageInterval = 5
    /// The name of the inherited text that says that it is this mode.
    static let storageMode = "talon.redis_storage"

    /// nil: nothing is forwarded. `setting` gives settings as texts.
    package init?(_ setting: (String) -> String?) throws(SettingsError) {
        guard setting("redis_enabled") == "true" else { return nil }
        try self.init(server: RedisSettings.server(setting), setting)
    }

    /// For who reads what others have forwarded, whether or not this process is to forward.
    package static func ofReader(_ setting: (String) -> String?) throws(SettingsError) -> RedisSettings {
        try RedisSettings(server: server(setting), setting)
    }

    private init(server: RedisServer, _ setting: (String) -> String?) throws(SettingsError) {
        self.server = server
        func number(_ name: String) -> Int? { setting(name).flatMap { Int($0) } }
        prefix = setting("redis_key_prefix") ?? ""
        interval =
            setting(RedisSettings.storageMode) == "true"
            ? RedisSettings.storageInterval : max(number("redis_forward_interval") ?? 30, 1)
        let given = number("redis_ttl_seconds") ?? 3 * interval
        timeToLive = setting("redis_ttl_disabled") == "true" || given <= 0 ? nil : given
        _ = try InstanceName.checked(setting("instance"))
    }

    /// A URL says all that it can; what else there is says the rest.
    private static func server(_ setting: (String) -> String?) throws(SettingsError) -> RedisServer {
        func text(_ name: String) -> String? { setting(name).flatMap { $0.isEmpty ? nil : $0 } }
        var server: RedisServer
        if let url = text("redis_url") {
            server = try RedisServer(url: url)
        } else {
            let host = text("redis_host") ?? "localhost"
            let port = text("redis_port").flatMap { Int($0) } ?? RedisServer.standardPort
            server = RedisServer(address: host.hasPrefix("/") ? .unix(path: host) : .tcp(host: host, port: port))
            server.database = text("redis_db").flatMap { Int($0) } ?? 0
        }
        server.user = server.user ?? text("redis_username")
        server.password = server.password ?? text("redis_password")
        guard server.user == nil || server.password != nil else {
            throw SettingsError(
                code: .value, message: "redis_username: a user is named and no password; set redis_password too")
        }
        return server
    }

    /// The keys that tell instances apart begin so.
    package var instancesPrefix: String { prefix.hasSuffix(":") ? String(prefix.dropLast()) : prefix }
    /// A sorted set: the names of instances, by the unix time of their last turn.
    package var instancesKey: String { "\(instancesPrefix):instances" }
    /// A sorted set: the names of runs that are over, by the unix time of their last page.
    package var runsKey: String { "\(instancesPrefix):runs" }
    /// The last page of a run that is over, for ``keepsRuns`` seconds.
    package func key(ofRun name: String) -> String { "\(instancesPrefix):run:\(name)" }
    /// A hash: what runs that are over have counted, by their names; exporters of totals write it.
    package var formerKey: String { "\(instancesPrefix):former" }
    /// The exposition of one of them.
    package func key(ofInstance name: String) -> String { "\(instancesPrefix):instance:\(name)" }
}

/// By what a server is told from all others that forward to the same Redis.
package enum InstanceName {
    private static let longest = 200

    /// `given` (`TALON_INSTANCE`), else the pod and its namespace, else the host and where the server is bound.
    package static func of(given: String?, listener: String, environment: (String) -> String?) -> String {
        named(given, environment) ?? clean("\(Machine.hostName)/\(listener)")
    }

    /// As far as those beside it in its pod know it, too; nil if it is called by its host.
    package static func named(_ given: String?, _ environment: (String) -> String?) -> String? {
        if let given, !given.isEmpty { return given }
        guard let pod = environment("POD_NAME"), !pod.isEmpty else { return nil }
        let namespace = environment("POD_NAMESPACE") ?? ""
        return clean(namespace.isEmpty ? pod : "\(namespace)/\(pod)")
    }

    static func checked(_ given: String?) throws(SettingsError) -> String? {
        guard let given else { return nil }
        guard given.utf8.count <= longest, given == LogText.oneLine(given) else {
            throw SettingsError(
                code: .value,
                message: "instance: is longer than \(longest) bytes or has control characters in it; "
                    + "use a name such as web-1")
        }
        return given
    }

    /// The environment is anybody's. Of a name that is too long both ends stay: the last one tells pods of a set apart.
    private static func clean(_ name: String) -> String {
        let line = LogText.oneLine(name)
        guard line.count > longest else { return line }
        return "\(line.prefix(longest / 2))…\(line.suffix(longest / 2 - 1))"
    }
}
