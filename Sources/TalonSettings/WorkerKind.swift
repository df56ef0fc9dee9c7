import TalonPlatform

/// The kinds of worker, by gunicorn's names and the exporter's (gunicorn's setting `worker_class`).
package enum WorkerKind: String, Sendable, CaseIterable {
    /// One request at a time, on the main thread.
    case sync
    /// As many as there are threads.
    case gthread
    /// One for each connection: greenlets of gevent's hub.
    case gevent
    /// One for each connection: greenlets of eventlet's hub.
    case eventlet
    /// An application of Tornado's, on its loop; others one at a time.
    case tornado
    /// An application that speaks ASGI 3.0, on a loop of asyncio's.
    case asgi

    package init?(className: String) {
        switch WorkerKind.short(className) {
        case "sync", "gunicorn.workers.sync.SyncWorker", "PrometheusWorker": self = .sync
        case "gthread", "gunicorn.workers.gthread.ThreadWorker", "PrometheusThreadWorker": self = .gthread
        case "gevent", "gevent_wsgi", "gevent_pywsgi", "gunicorn.workers.ggevent.GeventWorker",
            "gunicorn.workers.ggevent.GeventPyWSGIWorker", "PrometheusGeventWorker":
            self = .gevent
        case "eventlet", "gunicorn.workers.geventlet.EventletWorker", "PrometheusEventletWorker": self = .eventlet
        case "tornado", "gunicorn.workers.gtornado.TornadoWorker", "PrometheusTornadoWorker": self = .tornado
        case "asgi", "gunicorn.workers.gasgi.ASGIWorker", "uvicorn.workers.UvicornWorker",
            "uvicorn.workers.UvicornH11Worker", "uvicorn_worker.UvicornWorker", "uvicorn_worker.UvicornH11Worker":
            self = .asgi
        default: return nil
        }
    }

    /// Whether a worker runs a request for each connection, up to `worker_connections`, in one thread.
    package var isAsynchronous: Bool {
        switch self {
        case .sync, .gthread: false
        case .gevent, .eventlet, .tornado, .asgi: true
        }
    }

    /// The names that are short, for messages.
    static let names = WorkerKind.allCases.map(\.rawValue).joined(separator: ", ")

    /// Without the prefix of gunicorn's entry points, or the module of the exporter.
    private static func short(_ className: String) -> String {
        for prefix in ["egg:gunicorn#", "gunicorn_prometheus_exporter.plugin.", "gunicorn_prometheus_exporter."] {
            if let rest = className.dropping(prefix: prefix) { return String(rest) }
        }
        return className
    }
}
