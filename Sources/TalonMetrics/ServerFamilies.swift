/// Names and helps of the families about the server: what the master counts, and what the exporter reads live.
///
/// The `gunicorn_` ones are those of gunicorn-prometheus-exporter 0.2.4, letter by letter.
package enum ServerFamilies {
    package typealias Name = WorkerFamilies.Name

    // The master's.
    package static let restarts = Name(
        name: "gunicorn_worker_restart_total", help: "Total number of worker restarts by reason")
    package static let restartsByType = Name(
        name: "gunicorn_worker_restart_count_total",
        help: "Total number of worker restarts by worker and restart type")
    package static let signals = Name(
        name: "gunicorn_master_worker_restart_total", help: "Total number of Gunicorn worker restarts")
    package static let masterRestarts = Name(
        name: "gunicorn_master_worker_restart_count_total",
        help: "Total number of worker restarts by reason and worker")
    package static let allSignals = Name(
        name: "talon_master_signals_total", help: "Signals that the master has taken")
    package static let starts = Name(
        name: "talon_worker_starts_total", help: "Workers that were started")
    package static let exits = Name(
        name: "talon_worker_exits_total", help: "Workers that have ended, by the one reason of it")
    package static let wanted = Name(
        name: "talon_workers_wanted", help: "How many workers there should be")
    package static let generation = Name(
        name: "talon_generation", help: "The generation of workers that serves: 1, and one more with each reload")
    package static let reloads = Name(
        name: "talon_reloads_total", help: "Reloads by outcome")
    package static let reloadDuration = Name(
        name: "talon_reload_duration_seconds", help: "Time from the word to reload to its outcome")
    package static let lastReload = Name(
        name: "talon_last_reload_timestamp_seconds", help: "When the last reload was over, in unix time; 0 is never")
    package static let lastReloadSuccess = Name(
        name: "talon_last_reload_success", help: "Whether the last reload succeeded; 1 if there was none")
    package static let countingSince = Name(
        name: "talon_counting_since_timestamp_seconds",
        help: "When all that is counted here began at 0, in unix time")
    package static let forwardedAt = Name(
        name: "talon_redis_last_success_timestamp_seconds",
        help: "When Redis last took the metrics; 0 if it has not since the exporter's start")
    package static let backlog = Name(
        name: "talon_listener_backlog", help: "Connections that wait to be accepted")
    package static let backlogLimit = Name(
        name: "talon_listener_backlog_limit", help: "Connections that may wait to be accepted")

    // Read live.
    package static let workers = Name(
        name: "talon_workers", help: "Workers by what they do now")
    package static let build = Name(
        name: "talon_build_info", help: "The version of Talon that serves; always 1")
    package static let memory = Name(
        name: "talon_process_resident_memory_bytes", help: "Resident memory of a process of the server")
    package static let cpu = Name(
        name: "talon_process_cpu_seconds_total",
        help: "CPU time, user and system, of all processes that have had this place")
    package static let descriptors = Name(
        name: "talon_process_open_fds", help: "Open file descriptors of a process of the server")
    package static let threads = Name(
        name: "talon_process_threads", help: "Threads of a process of the server")

    /// Upper bounds in seconds.
    package static let reloadBuckets: [Double] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
}
