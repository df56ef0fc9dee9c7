import Glibc
import TalonTesting
import Testing

/// How a Prometheus comes to ask for each of the three formats.
enum ScrapeFormat: String, CaseIterable, Sendable {
    case openMetrics, protobuf, text
}

@Suite("A real Prometheus", .serialized)
struct PrometheusTests {
    /// The expressions of the exporter's dashboards, documents and alert rules that name families which exist.
    /// Source: reference/exporter-inventory.md §8.
    static let expressions = [
        "rate(gunicorn_worker_requests_total[5m])",
        "histogram_quantile(0.95, rate(gunicorn_worker_request_duration_seconds_bucket[5m]))",
        "histogram_quantile(0.50, rate(gunicorn_worker_request_duration_seconds_bucket[5m]))",
        "histogram_quantile(0.99, rate(gunicorn_worker_request_duration_seconds_bucket[5m]))",
        "histogram_quantile(0.95, rate(gunicorn_worker_request_size_bytes_bucket[5m]))",
        "gunicorn_worker_memory_bytes",
        "gunicorn_worker_cpu_percent",
        "gunicorn_worker_uptime_seconds",
        "gunicorn_worker_state",
        "sum(gunicorn_worker_requests_total)",
        "sum(rate(gunicorn_worker_requests_total[5m]))",
        "rate(gunicorn_worker_request_duration_seconds_sum[5m]) / rate(gunicorn_worker_request_duration_seconds_count[5m])",
        "rate(gunicorn_worker_failed_requests_total[5m])",
        "sum by (endpoint) (rate(gunicorn_worker_failed_requests_total[5m]))",
        "sum by (worker_id) (rate(gunicorn_worker_error_handling_total[5m]))",
        "sum(rate(gunicorn_worker_failed_requests_total[5m])) / sum(rate(gunicorn_worker_requests_total[5m])) * 100",
        "sum by (reason) (rate(gunicorn_master_worker_restart_total[5m]))",
        "sum by (worker_id) (rate(gunicorn_worker_restart_total[5m]))",
        "gunicorn_master_worker_restart_count_total",
        "avg(gunicorn_worker_memory_bytes) / 1024 / 1024",
        "avg(gunicorn_worker_cpu_percent)",
        #"sum(gunicorn_worker_state{state="running"})"#,
    ]

    @Test("scrapes in each format and gets every number of the dashboards", arguments: ScrapeFormat.allCases)
    func scrapes(format: ScrapeFormat) throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            def app(environ, start_response):
                if environ["PATH_INFO"] == "/fail":
                    raise ValueError("asked for")
                start_response("200 OK", [("Content-Length", "2")])
                return [b"ok"]

            """, to: "app.py")
        try serving("app:app", in: directory, workers: 2) { server in
            let proxy = format == .text ? try PlainProxy(to: server.metricsPort) : nil
            let prometheus = try PrometheusServer(
                scraping: proxy?.port ?? server.metricsPort, nativeHistograms: format == .protobuf)
            try prometheus.wait(for: "up") { $0 == [1] }

            // What the expressions ask for: a failure, a worker that quits, a signal to the master.
            #expect(try server.client.get("/fail").status == 500)
            let quitting = server.workers()[0]
            quitting.signal(SIGQUIT)
            try eventually("another worker takes its place") { !server.workerPids().contains(quitting.pid) }
            server.signal(SIGHUP)
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            try server.waitUntilReady(workers: 2)

            for _ in 0..<200 { #expect(try server.client.get("/").status == 200) }
            // A request is counted once its answer is out.
            try eventually("nothing runs") { try server.metrics().sum("talon_http_requests_in_flight") == 0 }
            let answered = try server.metrics().sum("gunicorn_worker_requests_total")
            #expect(answered >= 200)
            try prometheus.wait(for: "sum(gunicorn_worker_requests_total)") { $0 == [answered] }
            for expression in PrometheusTests.expressions { try prometheus.wait(for: expression) }
            try prometheus.wait(for: #"sum(gunicorn_worker_state{state="running"})"#) { $0 == [2] }
            if format == .protobuf {
                let native = "histogram_count(sum(talon_http_request_duration_seconds))"
                try prometheus.wait(for: native) { $0.first ?? 0 >= 200 }
            }
            for complaint in ["Error on ingesting", "Append failed", "duplicate sample"] {
                #expect(!prometheus.log.contains(complaint), "\(prometheus.log)")
            }
            withExtendedLifetime(proxy) {}
        }
    }

    @Test("shows the trace of a request as an exemplar")
    func exemplars() throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", in: directory) { server in
            let prometheus = try PrometheusServer(scraping: server.metricsPort)
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let headers = [("traceparent", "00-\(trace)-00f067aa0ba902b7-01")]
            #expect(try server.client.get("/", headers: headers).status == 200)
            let query = "/api/v1/query_exemplars?query=talon_http_request_duration_seconds_bucket"
            try eventually("Prometheus knows the exemplar", within: .seconds(60)) {
                let now = time(nil)
                let answer = try? prometheus.get(query + "&start=\(now - 3600)&end=\(now + 60)")
                return answer?.contains(trace) == true
            }
        }
    }
}

/// Something between Prometheus and the server that asks for no format.
private final class PlainProxy: Sendable {
    let port: UInt16
    private let process: SpawnedProcess

    init(to target: UInt16) throws {
        port = try FreePort.any()
        let arguments = [Repository.fixture("metrics/plain.py"), "\(port)", "\(target)"]
        process = try SpawnedProcess(
            Launch("/usr/bin/python3", arguments, environment: ["PATH": "/usr/bin:/bin"]))
    }

    deinit {
        process.signal(SIGKILL)
        _ = try? process.wait(within: .seconds(5))
    }
}
