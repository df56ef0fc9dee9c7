/// The keys below `exporter:`, the configuration tree of gunicorn-prometheus-exporter, and the setting that each is.
package enum ExporterKeys {
    package struct Leaf: Sendable {
        package let key: String
        package let setting: String

        init(_ key: String, _ setting: String) {
            self.key = key
            self.setting = setting
        }
    }

    /// What a section has beside its leaves: without it, or with false, the section says nothing.
    package static let gate = "enabled"

    package static let prometheus = [
        Leaf("metrics_port", "prometheus_metrics_port"), Leaf("bind_address", "prometheus_bind_address"),
        Leaf("multiproc_dir", "prometheus_multiproc_dir"),
    ]
    /// With a gate; in `exporter.ssl` or in `exporter.prometheus.ssl`.
    package static let tls = [
        Leaf("certfile", "prometheus_ssl_certfile"), Leaf("keyfile", "prometheus_ssl_keyfile"),
        Leaf("client_cafile", "prometheus_ssl_client_cafile"), Leaf("client_capath", "prometheus_ssl_client_capath"),
        Leaf("client_auth_required", "prometheus_ssl_client_auth_required"),
    ]
    package static let gunicorn = [
        Leaf("workers", "gunicorn_workers"), Leaf("timeout", "gunicorn_timeout"),
        Leaf("keepalive", "gunicorn_keepalive"),
    ]
    /// With a gate.
    package static let redis = [
        Leaf("host", "redis_host"), Leaf("port", "redis_port"), Leaf("db", "redis_db"),
        Leaf("password", "redis_password"), Leaf("key_prefix", "redis_key_prefix"),
        Leaf("forward_interval", "redis_forward_interval"), Leaf("ttl_seconds", "redis_ttl_seconds"),
        Leaf("ttl_disabled", "redis_ttl_disabled"),
    ]
    package static let cleanup = [Leaf("db_files", "cleanup_db_files")]
}
