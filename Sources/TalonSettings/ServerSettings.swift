package import TalonPlatform

/// The settings in force, by type: what the master and its children work with.
package struct ServerSettings: Sendable {
    let layer: SettingsLayer
    /// How many workers there are at the start, and after each reload.
    package let workers: Int
    /// What `auto` was counted from; nil: the number was given.
    package let automaticWorkers: AutomaticWorkers?
    /// Where the number of workers follows the load, between these; nil: nowhere.
    package let workerRange: ClosedRange<Int>?

    /// Checks what no single setting can say of itself.
    package init(_ layer: SettingsLayer) throws(SettingsError) {
        self.layer = layer
        automaticWorkers = layer["workers"] == .text(SettingValue.automatic) ? .here : nil
        let given = automaticWorkers?.count(threads: layer.number("threads")) ?? layer.number("workers")
        workerRange = try ServerSettings.range(layer, workers: given)
        workers = workerRange.map { min(max(given, $0.lowerBound), $0.upperBound) } ?? given
        guard WorkerKind(className: text("worker_class") ?? "sync") != nil else {
            throw SettingsError(
                code: .value,
                message: "worker_class: '\(text("worker_class") ?? "")' is not known; use one of "
                    + WorkerKind.names)
        }
        _ = try httpProtocols()
        _ = try syslog(name: "")
        _ = try TLSConfiguration.ofSockets { layer[$0]?.description }
        _ = try statsD()
        let texts = texts
        _ = try RedisSettings { name in texts.first { $0.name == name }?.value }
    }

    private func httpProtocols() throws(SettingsError) -> [HTTPProtocol] {
        try HTTPProtocol.of { layer[$0]?.description }
    }

    /// nil: nothing goes to StatsD.
    package func statsD() throws(SettingsError) -> StatsDSettings? {
        try StatsDSettings { layer[$0]?.description }
    }

    /// StatsD is told how many connections wait at the listeners.
    package var tellsBacklog: Bool { truth("enable_backlog_metric") }

    /// nil: nothing goes to syslog.
    package func syslog(name: String) throws(SettingsError) -> SyslogSettings? {
        try SyslogSettings(name: text("proc_name") ?? name) { layer[$0]?.description }
    }

    package var addresses: [ListenAddress] {
        guard let list = list("bind") else { return [.tcp(host: "127.0.0.1", port: ListenAddress.defaultPort)] }
        return list.compactMap { ListenAddress($0) }
    }
    /// Of each worker, that run the application. A kind that runs many requests in one thread has no others, as in
    /// gunicorn.
    package var threads: Int { workerKind.isAsynchronous ? 1 : number("threads") }
    /// Of each worker, at a time.
    package var concurrentRequests: Int {
        workerKind.isAsynchronous ? min(workerConnections, ServerSettings.mostConcurrent) : threads
    }
    /// Each has its place on the scoreboard.
    private static let mostConcurrent = 10_000
    package var timeout: Int { number("timeout") }
    /// What a request may take without a word to or from its client; seconds, 0 is any time.
    package var requestTimeout: Int { layer["request_timeout"] == nil ? timeout : number("request_timeout") }
    package var bootTimeout: Int { number("boot_timeout") }
    package var bootRetries: Int { number("boot_retries") }
    package var maxRequests: Int { number("max_requests") }
    /// Bytes; 0 is any.
    package var maxWorkerMemory: UInt64 { UInt64(number("max_worker_memory")) << 20 }
    package var maxWorkerMemoryHard: UInt64 { UInt64(number("max_worker_memory_hard")) << 20 }
    package var gracefulTimeout: Int { number("graceful_timeout") }
    package var preStopDelay: Int { number("pre_stop_delay") }
    package var keepAlive: Int { number("keepalive") }
    package var preloads: Bool { truth("preload_app") }
    package var workerConnections: Int { number("worker_connections") }
    package var reloadsOnChange: Bool { layer["reload"] == .truth(true) }
    package var reloadEngine: String { text("reload_engine") ?? "auto" }
    package var reloadExtraFiles: [String] { list("reload_extra_files") ?? [] }
    package var pidFile: String? { text("pidfile") }
    /// nil: none, or no place for one; `isNamed`: somebody asked for it.
    package var controlSocket: (path: String, isNamed: Bool)? {
        guard layer["control_socket_disable"] != .truth(true) else { return nil }
        if let path = text("control_socket") { return path.isEmpty ? nil : (path, true) }
        return UserFolders.controlSocket.map { ($0, false) }
    }
    package var controlSocketReadOnly: String? { text("control_socket_readonly") }
    package var controlSocketMode: UInt32 {
        guard case .number(let mode)? = layer["control_socket_mode"] else { return 0o600 }
        return UInt32(mode)
    }
    /// TLS is spoken on the sockets.
    package var isSecure: Bool { text("certfile")?.isEmpty == false }
    /// HTTP/2 is wanted, and no client can choose it.
    package var lacksTLSForHTTP2: Bool { !isSecure && (try? httpProtocols().contains(.http2)) == true }
    package var backlog: Int32 { Int32(number("backlog")) }
    /// Each worker has a socket of its own.
    package var reusesPort: Bool { truth("reuse_port") }
    package var isDaemon: Bool { truth("daemon") }
    package var keepsStreams: Bool { truth("enable_stdio_inheritance") }
    package var processName: String? { text("proc_name") }
    /// For unix sockets.
    package var umask: UInt32 { UInt32(number("umask")) }
    package var user: String? { text("user") }
    package var group: String? { text("group") }
    package var initializesGroups: Bool { truth("initgroups") }
    package var workerTemporaryFolder: String? { text("worker_tmp_dir") }
    /// Nothing is to be served.
    package var checksOnly: Bool { truth("check_config") || printsSettings }
    package var printsSettings: Bool { truth("print_config") }
    package var accessLog: String? { text("accesslog") }
    package var exitRecords: String? { text("exit_records") }
    package var errorLog: String { text("errorlog") ?? "-" }
    package var capturesOutput: Bool { truth("capture_output") }
    package var logLevel: LogLevel { LogLevel(name: text("loglevel") ?? "info") ?? .info }
    package var python: String? { text("python") }
    package var plugins: [String] { list("plugins") ?? [] }
    package var pluginFolders: [String] {
        list("plugin_dir") ?? UserFolders.all(system: "/etc/talon/plugins.d", user: "plugins.d")
    }
    package var pluginPolicy: String { text("plugin_policy") ?? "allow-unverified" }
    package var pluginTrust: [String] {
        list("plugin_trust") ?? UserFolders.all(system: "/etc/talon/trust.d", user: "trust.d")
    }
    package var pluginState: String { text("plugin_state") ?? UserFolders.state }
    package var metricsEnabled: Bool { layer["metrics"] != .truth(false) }
    package var metricsDirectory: String { text("prometheus_multiproc_dir") ?? "/tmp/prometheus_multiproc" }
    package var cleansMetricFiles: Bool { layer["cleanup_db_files"] == .truth(true) }
    package var metricsAddress: ListenAddress {
        .tcp(host: text("prometheus_bind_address") ?? "0.0.0.0", port: UInt16(number("prometheus_metrics_port")))
    }

    /// Whether the metrics port is protected by files, which are to be checked before a start.
    package var protectsMetrics: Bool {
        let files = [
            "prometheus_ssl_certfile", "prometheus_ssl_keyfile", "prometheus_ssl_client_cafile",
            "prometheus_ssl_client_capath", "metrics_web_config", "metrics_bearer_token_file",
        ]
        return files.contains { text($0) != nil } || layer["prometheus_ssl_client_auth_required"] == .truth(true)
    }

    /// The kind of worker that runs; threads decide between the first two.
    package var workerKind: WorkerKind {
        let named = WorkerKind(className: text("worker_class") ?? "sync") ?? .sync
        return named == .sync && number("threads") > 1 ? .gthread : named
    }

    /// `raw_env`, in order.
    package var environment: [(name: String, value: String)] {
        (list("raw_env") ?? []).compactMap { entry in
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            return (String(entry[..<equals]), String(entry[entry.index(after: equals)...]))
        }
    }

    /// The value of a setting; nil if it has none.
    package subscript(name: String) -> SettingValue? { layer[name] }

    /// Every setting as text, by name.
    ///
    /// A list is its items with commas between them; if one of them has a comma, it is there as JSON too, by the name
    /// `talon.list.NAME`.
    package var texts: [(name: String, value: String)] {
        let own = storesInRedis ? [(RedisSettings.storageMode, "true")] : []
        return own
            + layer.values.flatMap { name, value -> [(name: String, value: String)] in
                switch (name, value) {
                case ("workers", _): [(name, String(workers))]
                case ("threads", _): [(name, String(threads))]
                case ("worker_class", _): [(name, value.description), ("talon.worker_kind", workerKind.rawValue)]
                case (_, .list(let items)) where items.contains { $0.contains(",") }:
                    [(name, value.description), ("talon.list.\(name)", JSON.texts(items).encoded)]
                default: [(name, value.description)]
                }
            }.sorted { $0.name < $1.name }
    }

    /// The variables are those of the exporter's later package, which kept the metrics in Redis.
    private var storesInRedis: Bool {
        let isSet = { (name: String) in layer.source(of: name) != .standard }
        return (isSet("redis_ttl_seconds") || truth("redis_ttl_disabled")) && !isSet("redis_forward_interval")
    }

    private func text(_ name: String) -> String? {
        guard case .text(let text)? = layer[name] else { return nil }
        return text
    }

    private func truth(_ name: String) -> Bool { layer[name] == .truth(true) }

    private func number(_ name: String) -> Int { layer.number(name) }

    private static func range(_ layer: SettingsLayer, workers: Int) throws(SettingsError) -> ClosedRange<Int>? {
        let (least, most) = (layer.number("workers_min"), layer.number("workers_max"))
        guard least > 0 || most > 0 else { return nil }
        guard most == 0 || least <= most else {
            throw SettingsError(
                code: .value,
                message: "workers_min: \(least) is more than workers_max (\(most)); make it smaller, or that larger")
        }
        let lower = least > 0 ? least : min(workers, most)
        return lower...(most > 0 ? most : max(workers, lower))
    }

    private func list(_ name: String) -> [String]? {
        guard case .list(let items)? = layer[name] else { return nil }
        return items
    }
}

extension SettingsLayer {
    /// 0 if it is none.
    fileprivate func number(_ name: String) -> Int {
        guard case .number(let number)? = self[name] else { return 0 }
        return number
    }
}
