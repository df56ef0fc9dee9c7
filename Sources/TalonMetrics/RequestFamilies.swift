/// Names, helps and bounds of the families about requests and connections.
package enum RequestFamilies {
    package typealias Name = WorkerFamilies.Name

    package static let failed = Name(
        name: "gunicorn_worker_failed_requests_total", help: "Total number of failed requests handled by this worker")
    package static let requests = Name(
        name: "talon_http_requests_total", help: "Requests by method and status, refused ones included")
    package static let duration = Name(
        name: "talon_http_request_duration_seconds", help: "Time from the application's start to the response's end")
    package static let queue = Name(
        name: "talon_http_queue_seconds", help: "Time from a request's arrival to the application's start")
    package static let accepted = Name(
        name: "talon_connections_accepted_total", help: "Connections that were accepted")
    package static let received = Name(
        name: "talon_http_received_bytes_total", help: "Bytes received, heads and framing included")
    package static let sent = Name(name: "talon_http_sent_bytes_total", help: "Bytes sent, heads and framing included")
    package static let endpointRequests = Name(
        name: "talon_http_endpoint_requests_total", help: "Requests by route template, method and class of status")
    package static let endpointDuration = Name(
        name: "talon_http_endpoint_duration_seconds", help: "Request duration by route template")

    // Read live from the scoreboard.

    package static let connections = Name(name: "talon_connections", help: "Connections that are open now")
    package static let inFlight = Name(
        name: "talon_http_requests_in_flight", help: "Requests that run or wait for a thread now")
    package static let threads = Name(name: "talon_worker_threads", help: "Application threads by what they do now")
    package static let oldest = Name(
        name: "talon_http_oldest_request_seconds", help: "How long the oldest running request has run; 0 if none runs")

    /// Upper bounds in seconds.
    package static let durationBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Upper bounds in seconds: a request that waits at all waits for others to end.
    package static let queueBuckets: [Double] = [
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
}
