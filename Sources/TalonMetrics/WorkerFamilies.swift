/// Names and helps of Talon's own families, said once for those who write them and those who show them.
///
/// The `gunicorn_` ones are those of gunicorn-prometheus-exporter 0.2.4, letter by letter.
package enum WorkerFamilies {
    package struct Name: Sendable {
        /// As a sample shows it.
        package let name: String
        package let help: String

        package init(name: String, help: String) {
            self.name = name
            self.help = help
        }
    }

    package static let requests = Name(
        name: "gunicorn_worker_requests_total", help: "Total number of requests handled by this worker")
    package static let duration = Name(
        name: "gunicorn_worker_request_duration_seconds", help: "Request duration in seconds")
    package static let memory = Name(
        name: "gunicorn_worker_memory_bytes", help: "Memory usage of the worker process")
    package static let cpu = Name(name: "gunicorn_worker_cpu_percent", help: "CPU usage of the worker process")
    package static let uptime = Name(name: "gunicorn_worker_uptime_seconds", help: "Uptime of the worker process")
    package static let errorHandling = Name(
        name: "gunicorn_worker_error_handling_total", help: "Total number of errors handled by this worker")
    package static let state = Name(
        name: "gunicorn_worker_state", help: "Current state of the worker (1=running, 0=stopped)")
    package static let requestSize = Name(name: "gunicorn_worker_request_size_bytes", help: "Request size in bytes")
    package static let responseSize = Name(name: "gunicorn_worker_response_size_bytes", help: "Response size in bytes")
    package static let info = Name(
        name: "talon_worker_info", help: "The worker that a slot has now; always 1")

    /// Upper bounds in seconds.
    package static let durationBuckets: [Double] = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Upper bounds in bytes.
    package static let sizeBuckets: [Double] = [1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304]

    /// The value of `worker_id`.
    package static func workerID(slot: Int) -> String { "worker_\(slot)" }

    /// The values of the label `state`.
    package static let states = ["running", "quitting", "aborting"]

    /// What the exporter reads itself at each scrape; the copies in the files are for other readers.
    package static let readLive: Set<String> = [memory.name, cpu.name, uptime.name, state.name]
}
