import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `A gunicorn.conf.py` {
    @Test func `beats a talon.yaml, sets variables, and loses to the command line`() throws {
        let directory = try applicationDirectory()
        try directory.write("workers: 4\n", to: "talon.yaml")
        try directory.write(
            "import os\nos.environ['COLOUR'] = 'red'\nworkers = 3\ntimeout = 31\nworker_clas = 'sync'\n",
            to: "gunicorn.conf.py")
        let server = try TalonServer(["app:app", "-w", "2", "--print-config"], in: directory)
        #expect(try server.waitForExit() == .exited(0))
        let plain = try TalonServer(["app:app", "-w", "2"], in: directory)
        try plain.waitUntilReady(workers: 2)
        #expect(try plain.client.get("/environment?COLOUR").text == "red")
        #expect(plain.log.contains("gunicorn.conf.py:5: worker_clas is no setting: did you mean 'worker_class'?"))
        try plain.stop()
    }

    @Test func `that raises at HUP refuses the reload, and the environment is as it was`() throws {
        let directory = try applicationDirectory()
        try directory.write("import os\nos.environ['COLOUR'] = 'red'\n", to: "gunicorn.conf.py")
        try serving("app:app", in: directory) { server in
            try directory.write(
                "import os\nos.environ['COLOUR'] = 'blue'\nraise ValueError('no')\n", to: "gunicorn.conf.py")
            server.signal(SIGHUP)
            let refused = try server.waitForLogs("Reload refused: ", count: 1)
            #expect(refused.contains { $0.contains("ValueError: no") })
            try directory.write("import os\nos.environ.setdefault('COLOUR', 'green')\n", to: "gunicorn.conf.py")
            server.signal(SIGHUP)
            try server.waitForLogs("Reloaded: the workers of generation 2 serve", count: 1)
            try eventually("the workers have the new environment") {
                try server.client.get("/environment?COLOUR").text == "green"
            }
        }
    }

    @Test func `may load the exporter's YAML file, which loses to the environment`() throws {
        let directory = try applicationDirectory()
        try directory.copy(fixture: "hooks/exporter.yaml")
        let file = "from gunicorn_prometheus_exporter import load_yaml_config\nload_yaml_config('exporter.yaml')\n"
        try directory.write(file, to: "gunicorn.conf.py")
        // The folder and the port of the metrics are in the environment of every test.
        let shown = try talon("app:app", "--print-config", in: directory)
        #expect(shown.end == .exited(0), "\(shown.error)")
        for (name, value) in [
            ("gunicorn_workers", "3"), ("gunicorn_timeout", "45"), ("gunicorn_keepalive", "5"),
            ("cleanup_db_files", "true"), ("redis_enabled", "false"),
        ] {
            let line = shown.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            #expect(line?.contains(" = \(value)  # ") == true, "\(name): \(line ?? "")")
        }
        #expect(!shown.output.contains("9191") && !shown.output.contains("/tmp/from-yaml"))
        try serving("app:app", in: directory) { server in
            let keepalive = try server.client.get("/environment?GUNICORN_KEEPALIVE").text
            let redis = try server.client.get("/environment?REDIS_HOST").text
            #expect(keepalive == "5" && redis == "not set")
        }
    }

    @Test func `may load a YAML file that is wrong, and the start says where`() throws {
        let directory = try applicationDirectory()
        try directory.write("exporter:\n  prometheus:\n    metric_port: 9191\n", to: "exporter.yaml")
        let file = "from gunicorn_prometheus_exporter import load_yaml_config\nload_yaml_config('exporter.yaml')\n"
        try directory.write(file, to: "gunicorn.conf.py")
        let result = try talon("app:app", in: directory)
        #expect(result.end == .exited(1))
        #expect(result.error.contains("exporter.yaml:3") && result.error.contains("metrics_port"), "\(result.error)")
        #expect(result.error.contains("gunicorn.conf.py\", line 2"))
    }

    @Test func `that ends its process is an error of the start`() throws {
        let directory = try applicationDirectory()
        for text in ["import os\nos._exit(0)\n", "import sys\nsys.exit(3)\n", "raise KeyboardInterrupt\n"] {
            try directory.write(text, to: "gunicorn.conf.py")
            let result = try talon("app:app", in: directory)
            #expect(result.end == .exited(1) && result.error.contains("gunicorn.conf.py"), "\(result.error)")
        }
    }
}

@Suite(.serialized) struct `The settings of requests` {
    @Test func `bound the request line, and form the lines of the access log`() throws {
        let directory = try applicationDirectory()
        let path = directory.file("access.log")
        let options = [
            "--limit-request-line", "100", "--access-logfile", path, "--access-logformat", "<%(m)s %(U)s %(s)s>",
        ]
        let server = try TalonServer(["app:app"] + options, in: directory)
        try server.waitUntilReady()
        #expect(try server.client.get("/\(String(repeating: "a", count: 200))").status == 400)
        #expect(try server.client.get("/").status == 200)
        try server.stop()
        #expect(Files.text(path)?.contains("<GET / 200>\n") == true)
    }
}
