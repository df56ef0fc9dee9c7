import Glibc
import TalonTesting
import Testing

/// What must be observable with every file of the guide.
@Suite(.serialized) struct `Each configuration file of the guide, as written,` {
    @Test(arguments: GuideFile.all) func `serves, and its metrics are right`(_ file: GuideFile) throws {
        // The production file logs to /var/log, which is not ours.
        let moved = file.name == "production" ? ["--access-logfile=access.log", "--error-logfile=error.log"] : []
        let guide = try GuideServer(file.name, moved: moved)
        try guide.whenReady(workers: file.workers) { server in
            // Ready is: one request was answered, and these many workers are there.
            for _ in 0..<20 { #expect(try server.client.get("/").text == "hello") }
            try server.waitForRequests(21)
            let scraper = HTTPClient(.tcp("127.0.0.1", server.metricsPort))
            let page = try scraper.get("/metrics")
            #expect(page["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try scraper.get("/any/path").status == 200)
            #expect(TalonServer.addresses(listeningAt: server.metricsPort) == [file.metricsAddress])
            #expect(TalonServer.addresses(listeningAt: server.port) == ["0.0.0.0"])
            #expect(try Promtool.complaints(about: page.body) == "")

            let metrics = try server.metrics()
            #expect(metrics.sum("gunicorn_worker_request_duration_seconds_count") == 21)
            for slot in 0..<file.workers {
                let worker = ["worker_id": "worker_\(slot)"]
                #expect(metrics.value("gunicorn_worker_memory_bytes", worker) ?? 0 > 1_000_000)
                #expect(metrics.value("gunicorn_worker_uptime_seconds", worker) ?? 0 > 0)
                #expect(metrics.value("gunicorn_worker_cpu_percent", worker) != nil)
                #expect(metrics.all("gunicorn_worker_state", worker).contains { $0.value == 1 })
            }
            #expect(metrics.all("gunicorn_worker_memory_bytes").count == file.workers)
            #expect(!Files.names(in: server.directory.file("metrics")).isEmpty)

            let replaced = server.workers()[0]
            replaced.signal(SIGTERM)
            try eventually("another serves in its place") { !server.workerPids().contains(replaced.pid) }
            try server.waitForWorkers(file.workers)
            try server.waitForRequests(21)

            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            try server.expectNoOrphans()
            #expect(FreePort.isFree(server.port) && FreePort.isFree(server.metricsPort))
        }
    }

    @Test func `gives way to what the shell exports`() throws {
        let folder = try TemporaryDirectory()
        let metricsPort = try FreePort.any()
        let guide = try GuideServer(
            "basic",
            environment: [
                "PROMETHEUS_METRICS_PORT": "\(metricsPort)", "PROMETHEUS_BIND_ADDRESS": "127.0.0.1",
                "PROMETHEUS_MULTIPROC_DIR": folder.file("exported"), "GUNICORN_WORKERS": "2",
            ])
        try eventually("the exported port serves metrics") {
            (try? HTTPClient(.tcp("127.0.0.1", metricsPort)).get("/metrics").status) == 200
        }
        #expect(TalonServer.addresses(listeningAt: metricsPort) == ["127.0.0.1"])
        #expect(!Files.names(in: folder.file("exported")).isEmpty)
        #expect(Files.names(in: guide.server.directory.file("metrics")).isEmpty)
        try guide.server.stop()
    }
}
