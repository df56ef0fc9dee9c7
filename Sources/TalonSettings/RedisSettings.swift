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
        let given = number("redis_ttl_seconds")
        timeToLive = setting("redis_ttl_disabled") == "true" || given == 0 ? nil : given ?? 3 * interval
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
    /// What former runs of instances have counted; an exporter of totals writes it.
    package var endedKey: String { "\(instancesPrefix):ended" }
    /// The exposition of one of them.
    package func key(ofInstance name: String) -> String { "\(instancesPrefix):instance:\(name)" }
}

/// By what a server is told from all others that forward to the same Redis.
package enum InstanceName {
    private static let longest = 200

    /// `given` (`TALON_INSTANCE`), else the pod and its namespace, else the host and where the server listens.
    package static func of(given: String?, listener: String, environment: (String) -> String?) -> String {
        if let given, !given.isEmpty { return given }
        if let pod = environment("POD_NAME"), !pod.isEmpty {
            let namespace = environment("POD_NAMESPACE") ?? ""
            return clean(namespace.isEmpty ? pod : "\(namespace)/\(pod)")
        }
        return clean("\(Machine.hostName)/\(listener)")
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

    /// The environment is anybody's.
    private static func clean(_ name: String) -> String { String(LogText.oneLine(name).prefix(longest)) }
}
