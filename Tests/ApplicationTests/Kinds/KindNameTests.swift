import TalonTesting
import Testing

@Suite("The worker class", .serialized)
struct KindNameTests {
    @Test(
        "is known by every name that gunicorn, the exporter and uvicorn have for it",
        arguments: [
            ("sync", "sync"), ("gunicorn.workers.sync.SyncWorker", "sync"), ("egg:gunicorn#sync", "sync"),
            ("gunicorn_prometheus_exporter.PrometheusWorker", "sync"), ("gthread", "gthread"),
            ("gunicorn.workers.gthread.ThreadWorker", "gthread"),
            ("gunicorn_prometheus_exporter.PrometheusThreadWorker", "gthread"),
            ("gevent", "gevent"), ("gevent_wsgi", "gevent"), ("gevent_pywsgi", "gevent"),
            ("gunicorn.workers.ggevent.GeventWorker", "gevent"),
            ("gunicorn_prometheus_exporter.PrometheusGeventWorker", "gevent"),
            ("eventlet", "eventlet"), ("gunicorn.workers.geventlet.EventletWorker", "eventlet"),
            ("gunicorn_prometheus_exporter.PrometheusEventletWorker", "eventlet"),
            ("tornado", "tornado"), ("gunicorn.workers.gtornado.TornadoWorker", "tornado"),
            ("gunicorn_prometheus_exporter.PrometheusTornadoWorker", "tornado"),
            ("asgi", "asgi"), ("gunicorn.workers.gasgi.ASGIWorker", "asgi"),
            ("uvicorn.workers.UvicornWorker", "asgi"), ("uvicorn_worker.UvicornWorker", "asgi"),
        ])
    func names(name: String, kind: String) throws {
        let application = kind == "asgi" ? Kind.asyncio.application : Kind.sync.application
        try serve(application, ["-k", name, "--no-metrics"]) { server throws in
            try server.waitForLog("Using worker: \(kind)")
            #expect(try server.client.get("/").text == "ok")
        }
    }

    @Test(
        "whose package is missing ends the server with 3, and the log says how to install it",
        arguments: [
            (["-k", "gevent"], "gevent"), (["-k", "eventlet"], "eventlet"), (["-k", "tornado"], "tornado"),
            (["-k", "asgi", "--asgi-loop", "uvloop"], "uvloop"), (["-k", "gevent", "--preload"], "gevent"),
        ])
    func missing(options: [String], package: String) throws {
        let directory = try TemporaryDirectory()
        let made = try run(
            try TestEnvironment.python(), ["-m", "venv", "--without-pip", directory.file("venv")])
        try #require(made.status == 0, "\(made.error)")
        let server = try TalonServer(
            ["--chdir", Apps.folder, Kind.sync.application, "--python", directory.file("venv/bin/python")] + options,
            in: directory)
        try withLog(of: server) {
            #expect(try server.waitForExit() == .exited(3))
            let line = try server.waitForLog("python3 -m pip install \(package)")
            #expect(line.contains("[ERROR]"))
            try server.waitForLog("Worker failed to boot.")
            #expect(server.logCount("Booting worker with pid") <= 1, "no endless restart")
            #expect(!server.log.contains("Traceback"))
        }
    }
}
