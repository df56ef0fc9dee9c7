package import TalonPlatform

/// The settings in force, by type: what the master and its children work with.
package struct ServerSettings: Sendable {
    private var layer: SettingsLayer

    /// Checks what no single setting can say of itself.
    package init(_ layer: SettingsLayer) throws(SettingsError) {
        self.layer = layer
        guard WorkerKind(className: text("worker_class") ?? "sync") != nil else {
            throw SettingsError(
                code: .value,
                message: "worker_class: '\(text("worker_class") ?? "")' is not known; use sync or gthread")
        }
    }

    package var addresses: [ListenAddress] {
        guard let list = list("bind") else { return [.tcp(host: "127.0.0.1", port: ListenAddress.defaultPort)] }
        return list.compactMap { ListenAddress($0) }
    }
    package var workers: Int { number("workers") }
    package var threads: Int { number("threads") }
    package var timeout: Int { number("timeout") }
    package var bootTimeout: Int { number("boot_timeout") }
    package var gracefulTimeout: Int { number("graceful_timeout") }
    package var preStopDelay: Int { number("pre_stop_delay") }
    package var keepAlive: Int { number("keepalive") }
    package var workerConnections: Int { number("worker_connections") }
    package var reloadsOnChange: Bool { layer["reload"] == .truth(true) }
    package var reloadEngine: String { text("reload_engine") ?? "auto" }
    package var reloadExtraFiles: [String] { list("reload_extra_files") ?? [] }
    package var pidFile: String? { text("pidfile") }
    package var accessLog: String? { text("accesslog") }
    package var errorLog: String { text("errorlog") ?? "-" }
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
        return threads > 1 ? .gthread : named
    }

    /// `raw_env`, in order.
    package var environment: [(name: String, value: String)] {
        (list("raw_env") ?? []).compactMap { entry in
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            return (String(entry[..<equals]), String(entry[entry.index(after: equals)...]))
        }
    }

    /// Every setting as text, by name.
    package var texts: [(name: String, value: String)] {
        layer.values.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
    }

    private func text(_ name: String) -> String? {
        guard case .text(let text)? = layer[name] else { return nil }
        return text
    }

    private func number(_ name: String) -> Int {
        guard case .number(let number)? = layer[name] else { return 0 }
        return number
    }

    private func list(_ name: String) -> [String]? {
        guard case .list(let items)? = layer[name] else { return nil }
        return items
    }
}

/// The kinds of worker, by gunicorn's names and the exporter's.
package enum WorkerKind: String, Sendable {
    case sync
    case gthread

    package init?(className: String) {
        switch className {
        case "sync", "egg:gunicorn#sync", "gunicorn.workers.sync.SyncWorker",
            "gunicorn_prometheus_exporter.PrometheusWorker":
            self = .sync
        case "gthread", "egg:gunicorn#gthread", "gunicorn.workers.gthread.ThreadWorker",
            "gunicorn_prometheus_exporter.PrometheusThreadWorker":
            self = .gthread
        default:
            return nil
        }
    }
}
