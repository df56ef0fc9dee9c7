import TalonTesting
import Testing

@Suite("The worker class", .serialized)
struct KindNameTests {
    @Test(
        "is known by the names of gunicorn, the exporter and uvicorn, too",
        arguments: [
            ("gunicorn.workers.sync.SyncWorker", "sync"),
            ("gunicorn_prometheus_exporter.PrometheusThreadWorker", "gthread"),
            ("gevent_pywsgi", "gevent"), ("gunicorn_prometheus_exporter.PrometheusEventletWorker", "eventlet"),
            ("gunicorn.workers.gtornado.TornadoWorker", "tornado"), ("uvicorn.workers.UvicornWorker", "asgi"),
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
            (["-k", "asgi", "--asgi-loop", "uvloop"], "uvloop"),
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
