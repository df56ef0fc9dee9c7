import TalonPlatform

/// The kinds of worker, by gunicorn's names and the exporter's.
package enum WorkerKind: String, Sendable {
    case sync
    case gthread

    package init?(className: String) {
        if WorkerKind.isReplaced(className) {
            self = .gthread
            return
        }
        switch WorkerKind.short(className) {
        case "sync", "gunicorn.workers.sync.SyncWorker", "PrometheusWorker": self = .sync
        case "gthread", "gunicorn.workers.gthread.ThreadWorker", "PrometheusThreadWorker": self = .gthread
        default: return nil
        }
    }

    /// A class that has greenlets or an event loop in gunicorn; threads do its work.
    static func isReplaced(_ className: String) -> Bool {
        switch short(className) {
        case "gevent", "gevent_wsgi", "gevent_pywsgi", "eventlet", "tornado",
            "gunicorn.workers.ggevent.GeventWorker", "gunicorn.workers.ggevent.GeventPyWSGIWorker",
            "gunicorn.workers.geventlet.EventletWorker", "gunicorn.workers.gtornado.TornadoWorker",
            "PrometheusGeventWorker", "PrometheusEventletWorker", "PrometheusTornadoWorker":
            true
        default: false
        }
    }

    /// Without the prefix of gunicorn's entry points, or the module of the exporter.
    private static func short(_ className: String) -> String {
        for prefix in ["egg:gunicorn#", "gunicorn_prometheus_exporter.plugin.", "gunicorn_prometheus_exporter."] {
            if let rest = className.dropping(prefix: prefix) { return String(rest) }
        }
        return className
    }
}
