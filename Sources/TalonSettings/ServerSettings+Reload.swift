extension ServerSettings {
    /// What holds for as long as the master runs: sockets, files and memory that it has already.
    static let fixed: Set<String> = [
        "bind", "backlog", "reuse_port", "umask", "daemon", "enable_stdio_inheritance", "pidfile", "proc_name", "user",
        "group", "initgroups", "control_socket", "control_socket_mode", "control_socket_readonly",
        "control_socket_disable", "errorlog", "capture_output", "loglevel", "syslog", "syslog_addr",
        "syslog_prefix", "syslog_facility", "statsd_host", "statsd_prefix", "dogstatsd_tags", "exit_records", "chdir",
        "python", "reload",
        "reload_engine",
        "reload_extra_files", "threads", "worker_class", "worker_connections", "workers_min", "workers_max",
        "preload_app", "metrics", "prometheus_multiproc_dir", "cleanup_db_files", "prometheus_metrics_port",
        "prometheus_bind_address", "prometheus_ssl_certfile", "prometheus_ssl_keyfile", "prometheus_ssl_client_cafile",
        "prometheus_ssl_client_capath", "prometheus_ssl_client_auth_required", "metrics_web_config",
        "metrics_bearer_token_file", "metrics_endpoints", "metrics_endpoints_limit", "wsgi_app", "config",
        "redis_enabled", "redis_url", "redis_host", "redis_port", "redis_db", "redis_username", "redis_password",
        "redis_key_prefix", "redis_forward_interval", "redis_ttl_seconds", "redis_ttl_disabled", "instance",
    ]

    /// The settings after a reload that has found `new`, and the names of those that would have changed if they could.
    package func reloaded(_ new: SettingsLayer) throws(SettingsError) -> (settings: ServerSettings, kept: [String]) {
        let kept = ServerSettings.fixed.filter { new[$0] != self[$0] }.sorted()
        var layer = new
        for name in kept { layer.take(name, from: self.layer) }
        return (try ServerSettings(layer), kept)
    }
}
