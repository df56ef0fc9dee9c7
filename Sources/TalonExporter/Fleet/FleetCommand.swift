import TalonPlatform
import TalonSettings

/// What the command line and the environment want of `talon exporter`.
struct FleetCommand {
    /// The old sidecar's sub-commands; it serves in all but one.
    enum Mode: String, CaseIterable {
        case sidecar, standalone, health
    }

    enum Source: CustomStringConvertible {
        case redis(RedisSettings)
        case folder(String)

        var description: String {
            switch self {
            case .redis(let settings): "Redis at \(settings.server)"
            case .folder(let path): path
            }
        }
    }

    private(set) var mode = Mode.sidecar
    private(set) var source = Source.folder("")
    private(set) var host: String
    private(set) var port: UInt16
    private(set) var wantsHelp = false
    /// What of a Redis is shown.
    private(set) var kind = FleetPages.Kind.instances
    /// Settings as texts, from the environment.
    let setting: @Sendable (String) -> String?

    /// The old sidecar's.
    private static let standardPort = 9091

    static let help = """
        usage: talon exporter [sidecar|standalone|health] [OPTIONS]

        Serves /metrics of servers that run elsewhere.

          --from redis|dir       What all instances have forwarded to Redis (REDIS_...), each with the label
                                 instance; or a folder of metric files. [redis if REDIS_ENABLED is true]
                                 A sidecar, so called, whose TALON_INSTANCE or POD_NAME is set shows that one.
          --aggregate            One series for all instances: counters and histograms added, gauges by mode.
          --port PORT            [PROMETHEUS_METRICS_PORT, else 9091]
          --bind HOST            [PROMETHEUS_BIND_ADDRESS, else 0.0.0.0]
          --multiproc-dir DIR    The folder. [PROMETHEUS_MULTIPROC_DIR, else /tmp/prometheus_multiproc]
          --update-interval N    Of no effect: all is read when it is asked for.

        health asks the one that runs on this host and port, and ends with 0 if it answers, else with 1.
        TLS and passwords: PROMETHEUS_SSL_..., TALON_METRICS_WEB_CONFIG, TALON_METRICS_BEARER_TOKEN_FILE.

        """

    /// `environment`: looks a variable up. Throws what is wrong, in a sentence.
    init(_ words: [String], environment: (String) -> String?) throws(SettingsError) {
        let given = try Self.given(environment) { Self.own.contains($0) }
        let texts = Self.texts(given)
        setting = { texts[$0] }
        host = texts["prometheus_bind_address"] ?? "0.0.0.0"
        let isSet = given["prometheus_metrics_port"] != nil
        port = UInt16(clamping: isSet ? Int(texts["prometheus_metrics_port"] ?? "") ?? 0 : Self.standardPort)
        var folder = texts["prometheus_multiproc_dir"] ?? ""
        var aggregates = false
        var isSidecar = false
        var from = texts["redis_enabled"] == "true" ? "redis" : "dir"

        var rest = words[...]
        if let first = rest.first, let named = Mode(rawValue: first) {
            (mode, isSidecar) = (named, true)
            rest = rest.dropFirst()
        }
        while let word = rest.popFirst() {
            if word == "-h" || word == "--help" || word == "help" {
                wantsHelp = true
                return
            }
            if word == "--aggregate" {
                aggregates = true
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard Self.options.contains(parts[0]) else {
                throw Self.misuse("\(word) is unknown; see talon exporter --help")
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw Self.misuse("\(word) needs a value")
            }
            switch parts[0] {
            case "--from":
                guard ["redis", "dir"].contains(value) else { throw Self.misuse("--from: use redis or dir") }
                from = value
            case "--port":
                guard let number = UInt16(value), number > 0 else { throw Self.misuse("--port: use 1 to 65535") }
                port = number
            case "--bind": host = value
            case "--multiproc-dir": folder = value
            default: break
            }
        }
        guard from == "redis" else {
            guard !aggregates else { throw Self.misuse("--aggregate adds up what is in Redis; use --from redis") }
            source = .folder(folder)
            return
        }
        if aggregates {
            kind = .totals
        } else if isSidecar, let name = InstanceName.named(texts["instance"], environment) {
            // There is one in each pod: all of them would show all pods, and sums would be as many times too large.
            kind = .instance(name)
        }
        let redis = Self.texts(try Self.given(environment) { $0.hasPrefix("redis_") })
        source = .redis(try RedisSettings.ofReader { redis[$0] })
    }

    /// The settings that it goes by, beside those of Redis if it reads one.
    private static let own: Set<String> = [
        "prometheus_multiproc_dir", "prometheus_metrics_port", "prometheus_bind_address", "prometheus_ssl_certfile",
        "prometheus_ssl_keyfile", "prometheus_ssl_client_cafile", "prometheus_ssl_client_capath",
        "prometheus_ssl_client_auth_required", "metrics_web_config", "metrics_bearer_token_file", "redis_enabled",
        "instance",
    ]

    /// What the environment says of some settings. Other variables are other programs', and so is what is wrong in them.
    private static func given(
        _ environment: (String) -> String?, _ isWanted: (String) -> Bool
    ) throws(SettingsError) -> SettingsLayer {
        let variables = Set(Catalogue.settings.filter { isWanted($0.name) }.compactMap(\.variable))
        return try SettingsLayer.environment { variables.contains($0) ? environment($0) : nil }
    }

    private static func texts(_ given: SettingsLayer) -> [String: String] {
        var layer = SettingsLayer.defaults
        layer.override(with: given)
        return layer.values.mapValues(\.description)
    }

    private static let options: Set<String> = ["--from", "--port", "--bind", "--multiproc-dir", "--update-interval"]

    private static func misuse(_ message: String) -> SettingsError { SettingsError(code: .usage, message: message) }
}
