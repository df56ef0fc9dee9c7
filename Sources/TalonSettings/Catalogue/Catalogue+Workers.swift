extension Catalogue {
    static let workers = Section(
        "Workers",
        [
            Setting(
                "workers", ["-w", "--workers"], .count(1...4096), default: .number(1), variable: "WEB_CONCURRENCY",
                placeholder: "N", support: .better("auto counts CPUs and memory of the control group"),
                "How many worker processes; auto: as CPUs and memory allow."),
            Setting(
                "workers_min", ["--workers-min"], .number(0...4096), default: .number(0), placeholder: "N",
                "With --workers-max: the number follows the load, down to this. 0: workers."),
            Setting(
                "workers_max", ["--workers-max"], .number(0...4096), default: .number(0), placeholder: "N",
                "With --workers-min: the number follows the load, up to this. 0: workers."),
            Setting(
                "worker_class", ["-k", "--worker-class"], .text, default: .text("sync"), placeholder: "NAME",
                "Kind of worker: sync, gthread, gevent, eventlet, tornado, asgi, or others' class names for them."),
            Setting(
                "threads", ["--threads"], .number(1...1024), default: .number(1), placeholder: "N",
                "Application threads in each worker. More than 1 turns sync into gthread."),
            Setting(
                "worker_connections", ["--worker-connections"], .number(1...1_000_000), default: .number(1000),
                placeholder: "N", "Open connections in each worker, at most."),
            Setting(
                "preload_app", ["--preload"], .flag(sets: true), default: .truth(false),
                support: .better("loaded in a process of its own, so that the master never runs it"),
                "Load the application once, in a process from which the workers are forked: they share its memory."),
        ])

    static let timeLimits = Section(
        "Time limits",
        [
            Setting(
                "timeout", ["-t", "--timeout"], .number(seconds), default: .number(30), placeholder: "SECONDS",
                support: .better("the request that was running is in the log and the metrics"),
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
                support: .better("works in sync workers too, and an idle connection holds no thread"),
                "How long an idle connection waits for its next request."),
        ])

    /// When a worker is replaced, and how often one is tried.
    static let supervision = Section(
        "Replacing workers",
        [
            Setting(
                "max_requests", ["--max-requests"], .number(large), default: .number(0), placeholder: "N",
                support: .better("the next worker serves before the old one ends"),
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
        ])
}
