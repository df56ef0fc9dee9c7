extension Catalogue {
    static let metrics = Section(
        "Metrics",
        [
            Setting(
                "metrics", ["--no-metrics"], .flag(sets: false), default: .truth(true),
                "Keep no metrics and open no metrics port."),
            Setting(
                "prometheus_multiproc_dir", [], .text, default: .text("/tmp/prometheus_multiproc"),
                variable: "PROMETHEUS_MULTIPROC_DIR", placeholder: "DIR", "Folder of the metric files."),
            Setting(
                "cleanup_db_files", [], .flag(sets: true), default: .truth(false), variable: "CLEANUP_DB_FILES",
                "Start without the metric files of former runs, and join those of ended workers."),
            Setting(
                "prometheus_metrics_port", [], .number(1...65535), default: .number(9090),
                variable: "PROMETHEUS_METRICS_PORT", placeholder: "PORT", "Port of /metrics."),
            Setting(
                "prometheus_bind_address", [], .text, default: .text("0.0.0.0"), variable: "PROMETHEUS_BIND_ADDRESS",
                placeholder: "HOST", "Address of /metrics."),
            Setting(
                "metrics_endpoints", ["--metrics-endpoints"], .flag(sets: true), default: .truth(false),
                variable: "TALON_METRICS_ENDPOINTS", "Count requests by route template too."),
            Setting(
                "metrics_endpoints_limit", ["--metrics-endpoints-limit"], .number(1...1000), default: .number(100),
                variable: "TALON_METRICS_ENDPOINTS_LIMIT", placeholder: "N",
                "Route templates that are told apart, at most; the rest is counted as other."),
        ])

    /// Who may see the metrics, and that nobody else reads along.
    static let metricsAccess = Section(
        "Access to the metrics",
        [
            Setting(
                "prometheus_ssl_certfile", [], .text, variable: "PROMETHEUS_SSL_CERTFILE", placeholder: "FILE",
                "Certificate of the metrics port, PEM; with its key, the port speaks TLS."),
            Setting(
                "prometheus_ssl_keyfile", [], .text, variable: "PROMETHEUS_SSL_KEYFILE", placeholder: "FILE",
                "Key of the certificate, PEM without a password."),
            Setting(
                "prometheus_ssl_client_cafile", [], .text, variable: "PROMETHEUS_SSL_CLIENT_CAFILE",
                placeholder: "FILE", "Authorities of client certificates, PEM."),
            Setting(
                "prometheus_ssl_client_capath", [], .text, variable: "PROMETHEUS_SSL_CLIENT_CAPATH",
                placeholder: "DIR", "Folder of such authorities, as c_rehash makes it."),
            Setting(
                "prometheus_ssl_client_auth_required", [], .flag(sets: true), default: .truth(false),
                variable: "PROMETHEUS_SSL_CLIENT_AUTH_REQUIRED", "true: only clients with a certificate may scrape."),
            Setting(
                "metrics_web_config", ["--metrics-web-config"], .text, variable: "TALON_METRICS_WEB_CONFIG",
                placeholder: "FILE", "Web configuration file of the Prometheus exporters: TLS and passwords."),
            Setting(
                "metrics_bearer_token_file", ["--metrics-bearer-token-file"], .text,
                variable: "TALON_METRICS_BEARER_TOKEN_FILE", placeholder: "FILE",
                "File with a token; who sends it may scrape."),
        ])

    /// What the exporter's users set for their own code to read: the server goes by its own settings.
    static let exporter = Section(
        "Told to applications",
        [
            Setting(
                "gunicorn_workers", [], .number(1...4096), default: .number(1), variable: "GUNICORN_WORKERS",
                placeholder: "N", "Number of workers for metrics; how many there are is --workers."),
            Setting(
                "gunicorn_keepalive", [], .number(seconds), default: .number(2), variable: "GUNICORN_KEEPALIVE",
                placeholder: "SECONDS", "Keep-alive time; what is in force is --keep-alive."),
            Setting(
                "gunicorn_timeout", [], .number(seconds), default: .number(30), variable: "GUNICORN_TIMEOUT",
                placeholder: "SECONDS", "Time limit; what is in force is --timeout."),
        ])

    static let redis = Section(
        "Redis",
        [
            Setting(
                "redis_enabled", [], .flag(sets: true), default: .truth(false), variable: "REDIS_ENABLED",
                support: .better("never on the path of a request"),
                "true: forward the metrics to Redis."),
            Setting(
                "redis_url", [], .text, variable: "REDIS_URL", placeholder: "URL", isSecret: true,
                "Server, as redis://USER:PASSWORD@HOST:PORT/DB or unix://PATH?db=DB; instead of host, port and db."),
            Setting(
                "redis_host", [], .text, default: .text("localhost"), variable: "REDIS_HOST", placeholder: "HOST",
                "Server, or the path of its unix socket."),
            Setting(
                "redis_port", [], .number(1...65535), default: .number(6379), variable: "REDIS_PORT",
                placeholder: "PORT", "Its port."),
            Setting(
                "redis_db", [], .number(count), default: .number(0), variable: "REDIS_DB", placeholder: "N",
                "Its database."),
            Setting(
                "redis_username", [], .text, variable: "REDIS_USERNAME", placeholder: "NAME",
                "User of its access control list. None by default."),
            Setting(
                "redis_password", [], .text, variable: "REDIS_PASSWORD", placeholder: "TEXT", isSecret: true,
                "Its password. None by default."),
            Setting(
                "redis_key_prefix", [], .text, default: .text("gunicorn_metrics"), variable: "REDIS_KEY_PREFIX",
                placeholder: "TEXT", "What the keys begin with."),
            Setting(
                "redis_forward_interval", [], .number(1...seconds.upperBound), default: .number(30),
                variable: "REDIS_FORWARD_INTERVAL", placeholder: "SECONDS", "Time between two turns."),
            Setting(
                "redis_ttl_seconds", [], .number(-seconds.upperBound...seconds.upperBound),
                variable: "REDIS_TTL_SECONDS", placeholder: "SECONDS",
                support: .better("nothing is written per request"),
                "How long an instance that is gone is remembered; 0 or less: for ever. Three intervals by default. "
                    + "Set, and without redis_forward_interval, the interval is 5 s."),
            Setting(
                "redis_ttl_disabled", [], .flag(sets: true), default: .truth(false), variable: "REDIS_TTL_DISABLED",
                "true: for ever."),
            Setting(
                "instance", [], .text, variable: "TALON_INSTANCE", placeholder: "NAME",
                "By what Redis tells this server from others. The pod's name by default, else host and listener."),
        ])
}
