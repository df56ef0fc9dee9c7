/// Every setting there is.
package enum Catalogue {
    private static let seconds = 0...2_147_483
    private static let count = 0...65536
    private static let large = 0...(1 << 40)

    package static let settings: [Setting] =
        server + process + worker + supervision + development + control + logging + environment + metrics
        + metricsAccess + plugins

    private static let server = [
        Setting(
            "bind", ["-b", "--bind"], .addresses, variable: "PORT", placeholder: "ADDRESS",
            "Where to listen: HOST:PORT, [V6]:PORT or unix:PATH. May be repeated. [127.0.0.1:8000]"),
        Setting(
            "pidfile", ["-p", "--pid"], .text, placeholder: "FILE",
            "File that holds the master's pid while it runs."),
        Setting(
            "backlog", ["--backlog"], .number(1...1_000_000), default: .number(2048), placeholder: "N",
            "Connections that may wait to be accepted, on each listener."),
        Setting(
            "reuse_port", ["--reuse-port"], .flag(sets: true), default: .truth(false),
            "A socket of its own for each worker (SO_REUSEPORT), instead of one for all."),
    ]

    /// The process among others.
    private static let process = [
        Setting(
            "daemon", ["-D", "--daemon"], .flag(sets: true), default: .truth(false),
            "Run in the background. The command returns when the server serves, or why it does not."),
        Setting(
            "enable_stdio_inheritance", ["-R", "--enable-stdio-inheritance"], .flag(sets: true),
            default: .truth(false), "Keep the standard streams in the background."),
        Setting(
            "proc_name", ["-n", "--name"], .text, placeholder: "NAME",
            "Name in lists of processes. By default the application."),
        Setting(
            "umask", ["-m", "--umask"], .mode, default: .number(0), placeholder: "MASK",
            "Who may not use the unix sockets: 0117, or 0 for nobody."),
        Setting(
            "user", ["-u", "--user"], .text, placeholder: "USER",
            "Run workers and metrics port as this user, by name or number."),
        Setting(
            "group", ["-g", "--group"], .text, placeholder: "GROUP",
            "Run them in this group. By default the one of the user."),
        Setting(
            "initgroups", ["--initgroups"], .flag(sets: true), default: .truth(false),
            "Run them in the other groups of the user too."),
        Setting(
            "worker_tmp_dir", ["--worker-tmp-dir"], .text, placeholder: "DIR",
            "Accepted; there are no temporary files of workers."),
        Setting(
            "check_config", ["--check-config"], .flag(sets: true), default: .truth(false),
            "Check the settings, load the application, and exit."),
        Setting(
            "print_config", ["--print-config"], .flag(sets: true), default: .truth(false),
            "Print the settings in force; then as --check-config."),
    ]

    private static let worker = [
        Setting(
            "workers", ["-w", "--workers"], .count(1...4096), default: .number(1), variable: "WEB_CONCURRENCY",
            placeholder: "N", "How many worker processes; auto: as CPUs and memory allow."),
        Setting(
            "workers_min", ["--workers-min"], .number(0...4096), default: .number(0), placeholder: "N",
            "With --workers-max: the number follows the load, down to this. 0: workers."),
        Setting(
            "workers_max", ["--workers-max"], .number(0...4096), default: .number(0), placeholder: "N",
            "With --workers-min: the number follows the load, up to this. 0: workers."),
        Setting(
            "worker_class", ["-k", "--worker-class"], .text, default: .text("sync"), placeholder: "NAME",
            "Kind of worker: sync, gthread, or the exporter's names for them."),
        Setting(
            "threads", ["--threads"], .number(1...1024), default: .number(1), placeholder: "N",
            "Application threads in each worker. More than 1 turns sync into gthread."),
        Setting(
            "preload_app", ["--preload"], .flag(sets: true), default: .truth(false),
            "Load the application once, in a process that forks the workers: they share its memory."),
        Setting(
            "worker_connections", ["--worker-connections"], .number(1...1_000_000), default: .number(1000),
            placeholder: "N", "Open connections in each worker, at most."),
        Setting(
            "timeout", ["-t", "--timeout"], .number(seconds), default: .number(30), placeholder: "SECONDS",
            "A worker that is silent for longer is killed and replaced. 0: never."),
        Setting(
            "request_timeout", ["--request-timeout"], .number(seconds), placeholder: "SECONDS",
            "A request that is silent for longer ends its worker. 0: never. By default as timeout."),
        Setting(
            "boot_timeout", ["--boot-timeout"], .number(seconds), default: .number(60), placeholder: "SECONDS",
            "Time that a worker has from its start until it serves. 0: no limit."),
        Setting(
            "graceful_timeout", ["--graceful-timeout"], .number(seconds), default: .number(30),
            placeholder: "SECONDS", "Time to finish running requests at a stop or a reload."),
        Setting(
            "pre_stop_delay", ["--pre-stop-delay"], .number(seconds), default: .number(0), placeholder: "SECONDS",
            "How long the server goes on serving after TERM, while /readyz says that it stops."),
        Setting(
            "keepalive", ["--keep-alive"], .number(seconds), default: .number(2), placeholder: "SECONDS",
            "How long an idle connection waits for its next request."),
    ]

    /// When a worker is replaced, and how often one is tried.
    private static let supervision = [
        Setting(
            "max_requests", ["--max-requests"], .number(large), default: .number(0), placeholder: "N",
            "Requests after which a worker is replaced. 0: never."),
        Setting(
            "max_requests_jitter", ["--max-requests-jitter"], .number(large), default: .number(0),
            placeholder: "N", "At most so many requests more, by chance, for each worker."),
        Setting(
            "max_worker_memory", ["--max-worker-memory"], .number(large), default: .number(0),
            placeholder: "MIB", "Resident memory over which a worker is replaced when it is done. 0: any."),
        Setting(
            "max_worker_memory_hard", ["--max-worker-memory-hard"], .number(large), default: .number(0),
            placeholder: "MIB", "Resident memory over which a worker is killed. 0: any."),
        Setting(
            "boot_retries", ["--boot-retries"], .number(count), default: .number(10), placeholder: "N",
            "How often workers that fail to boot are tried again before any has served."),
    ]

    private static let control = [
        Setting(
            "control_socket", ["--control-socket"], .text, placeholder: "PATH",
            "For talon ctl, gunicornc; @NAME is abstract. [gunicorn.ctl in $XDG_RUNTIME_DIR or ~/.gunicorn]"),
        Setting(
            "control_socket_mode", ["--control-socket-mode"], .mode, placeholder: "MODE",
            "Who may connect to the control sockets. [0600]"),
        Setting(
            "control_socket_readonly", ["--control-socket-readonly"], .text, placeholder: "PATH",
            "A second control socket, which tells and changes nothing. None by default."),
        Setting(
            "control_socket_disable", ["--no-control-socket"], .flag(sets: true), default: .truth(false),
            "Have no control socket, unless a read-only one is named."),
    ]

    private static let development = [
        Setting(
            "reload", ["--reload"], .flag(sets: true),
            "Reload when a file of the application changes. For development only."),
        Setting(
            "reload_engine", ["--reload-engine"], .choice(["auto", "poll", "inotify"]), default: .text("auto"),
            placeholder: "NAME", "How changes are found: auto is inotify where there is one."),
        Setting(
            "reload_extra_files", ["--reload-extra-file"], .list, placeholder: "FILE",
            "File or glob to watch too. May be repeated."),
    ]

    private static let logging = [
        Setting(
            "accesslog", ["--access-logfile"], .text, placeholder: "FILE",
            "Access log; - is the standard output. None by default."),
        Setting(
            "errorlog", ["--error-logfile", "--log-file"], .text, default: .text("-"), placeholder: "FILE",
            "Error log; - is the standard error."),
        Setting(
            "exit_records", ["--exit-records"], .text, placeholder: "DIR",
            "Folder for a record of each worker's end: worker-exits.jsonl. None by default."),
        Setting(
            "loglevel", ["--log-level"], .choice(["debug", "info", "warning", "error", "critical"]),
            default: .text("info"), placeholder: "LEVEL",
            "What the error log holds: debug, info, warning, error or critical, and graver."),
    ]

    private static let environment = [
        Setting(
            "chdir", ["--chdir"], .text, placeholder: "DIR", "Folder to change to before loading the application."),
        Setting(
            "pythonpath", ["--pythonpath"], .text, placeholder: "DIRS",
            "Folders to import from, separated by commas."),
        Setting(
            "raw_env", ["-e", "--env"], .assignments, placeholder: "NAME=VALUE",
            "Environment variable for the application. May be repeated."),
        Setting(
            "python", ["--python"], .text, variable: "TALON_PYTHON", placeholder: "PATH",
            "Interpreter of Python workers. By default the one of VIRTUAL_ENV, else python3 on PATH."),
    ]

    private static let metrics = [
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
    ]

    /// Who may see the metrics, and that nobody else reads along.
    private static let metricsAccess = [
        Setting(
            "prometheus_ssl_certfile", [], .text, variable: "PROMETHEUS_SSL_CERTFILE", placeholder: "FILE",
            "Certificate of the metrics port, PEM; with its key, the port speaks TLS."),
        Setting(
            "prometheus_ssl_keyfile", [], .text, variable: "PROMETHEUS_SSL_KEYFILE", placeholder: "FILE",
            "Key of the certificate, PEM without a password."),
        Setting(
            "prometheus_ssl_client_cafile", [], .text, variable: "PROMETHEUS_SSL_CLIENT_CAFILE", placeholder: "FILE",
            "Authorities of client certificates, PEM."),
        Setting(
            "prometheus_ssl_client_capath", [], .text, variable: "PROMETHEUS_SSL_CLIENT_CAPATH", placeholder: "DIR",
            "Folder of such authorities, as c_rehash makes it."),
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
    ]

    private static let plugins = [
        Setting(
            "plugins", ["--plugin"], .list, variable: "TALON_PLUGINS", placeholder: "PLUGIN",
            "A plugin: .so, manifest, bundle, or {path: FILE, ...} in YAML. May be repeated."),
        Setting(
            "plugin_dir", ["--plugin-dir"], .list, placeholder: "DIR",
            "Folder of plugins, in name order; instead of talon/plugins.d in /etc and ~/.config."),
        Setting(
            "plugin_policy", ["--plugin-policy"],
            .choice(["require-signature", "require-checksum", "allow-unverified"]),
            default: .text("allow-unverified"), variable: "TALON_PLUGIN_POLICY", placeholder: "POLICY",
            "Or require-checksum, or require-signature: what a plugin must prove."),
        Setting(
            "plugin_trust", ["--plugin-trust"], .list, placeholder: "DIR",
            "Folder of trusted public keys; instead of talon/trust.d in /etc and ~/.config."),
        Setting(
            "plugin_state", ["--plugin-state"], .text, placeholder: "DIR",
            "Where it is remembered which plugins crashed at load. For root /var/lib/talon."),
    ]

    /// The setting called `name`.
    package static func setting(named name: String) -> Setting? {
        settings.first { $0.name == name }
    }
}
